//! `docs/configuration.md` is made from the doc comments of the settings, and these say the truth.
//!
//! `make docs` writes the page anew.

use std::{collections::HashMap, env, fs, iter};

use config::{File, FileFormat};
use ringfence::config::{ConfigError, Origin};
use syn::{Attribute, Expr, ExprLit, Fields, Item, ItemStruct, Lit, Meta, Type};

use super::{EXAMPLE, load};

const PAGE: &str = "docs/configuration.md";

#[test]
fn the_page_is_made_from_the_doc_comments() {
    let page = page(&Source::read());
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PAGE, &page).unwrap();
    }
    let written = fs::read_to_string(PAGE).unwrap_or_default();
    assert!(written == page, "{PAGE} is out of date; refresh it by `make docs`");
}

#[test]
fn a_documented_default_is_the_one_in_the_example() {
    let text = example_with_everything();
    let example = File::from_str(&text, FileFormat::Toml);
    let example = config::Config::builder().add_source(example).build().unwrap();
    for setting in settings(&Source::read()) {
        let Some(default) = setting.default.strip_prefix('`') else {
            assert!(setting.default.starts_with("none"), "{}: {}", setting.key, setting.default);
            assert!(text.contains(&format!("{} = ", setting.name())), "{}", setting.key);
            continue;
        };
        let shown = example.get_string(&setting.key.replace("[]", "[0]")).unwrap();
        assert_eq!(format!("{shown}`"), default, "{}", setting.key);
    }
}

/// A value that nothing accepts comes back with the name of the variable and of the setting.
#[test]
fn every_setting_is_read_from_its_variable() {
    let settings = settings(&Source::read());
    assert!(settings.len() > 30, "{}", settings.len());
    for setting in settings {
        let variable = [(setting.variable.as_str(), "://\u{7}=loud")];
        let error = load(&example_with_everything(), &variable).unwrap_err();
        let ConfigError::Invalid { key, origin, .. } = &error else { panic!("{error}") };
        assert_eq!(*key, setting.key.replace("[]", "[0]"), "{error}");
        assert_eq!(*origin, Origin::Variable(setting.variable.clone()), "{error}");
    }
}

/// Profiles stand in the example as a comment, because there are none by default.
fn example_with_profiles() -> String {
    let text = fs::read_to_string(EXAMPLE).unwrap();
    let (before, section) = text.split_once("# [[profiles]]").unwrap();
    format!("{before}[[profiles]]{}", section.replace("\n# ", "\n"))
}

/// So does the issuer, without which nothing else in its section makes sense.
fn example_with_everything() -> String {
    let text = example_with_profiles();
    let (before, section) = text.split_once("# [auth.oidc]").unwrap();
    let (section, after) = section.split_once("\n\n").unwrap();
    format!("{before}[auth.oidc]{}\n\n{after}", section.replace("\n# ", "\n"))
}

#[test]
fn the_issuer_in_the_example_is_accepted_but_for_one_of_its_two_ways_to_narrow() {
    let text = example_with_everything().replace("label_claims =", "# label_claims =");
    let config = load(&text, &[("RINGFENCE_AUTH__MODE", "bearer")]).unwrap();
    assert_eq!(config.auth.oidc.unwrap().issuer.as_str(), "https://login.example.com");
}

#[test]
fn the_profile_in_the_example_is_accepted() {
    let config = load(&example_with_profiles(), &[]).unwrap();
    assert_eq!(config.profiles.len(), 1);
    assert!(config.access_profiles().unwrap().find("sessions").is_ok());
}

/// One setting as its doc comment tells it.
struct Setting {
    /// `caches[].name`
    key: String,
    meaning: String,
    default: String,
    variable: String,
}

impl Setting {
    fn new(key: String, doc: &str) -> Self {
        let (meaning, rest) = doc.split_once("\n\n").unwrap_or_else(|| panic!("{key}: {doc}"));
        let rest = rest.strip_prefix("Default: ").unwrap();
        let (default, variable) = rest.split_once(". Variable: `").unwrap();
        let variable = variable.strip_suffix("`.").unwrap().to_owned();
        let path = key.replace("[]", ".0").replace('.', "__").to_uppercase();
        assert_eq!(variable, format!("RINGFENCE_{path}"));
        Self { key, meaning: meaning.to_owned(), default: default.to_owned(), variable }
    }

    fn name(&self) -> &str {
        self.key.rsplit('.').next().unwrap_or(&self.key)
    }
}

/// The module of the settings, parsed.
struct Source {
    structs: HashMap<String, ItemStruct>,
}

impl Source {
    fn read() -> Self {
        let mut structs = HashMap::new();
        for entry in fs::read_dir("src/config").unwrap() {
            let path = entry.unwrap().path();
            let file = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
            for item in file.items {
                if let Item::Struct(item) = item {
                    structs.insert(item.ident.to_string(), item);
                }
            }
        }
        // A cache is read as it is written and kept as what it means.
        let written = structs.remove("CacheSettings").unwrap();
        structs.insert("CacheConfig".to_owned(), written);
        Self { structs }
    }

    /// The settings of a struct, and the structs inside it with their keys.
    fn walk(&self, name: &str, prefix: &str) -> (Vec<Setting>, Vec<(String, String)>) {
        let Fields::Named(fields) = &self.structs[name].fields else { panic!("{name}") };
        let (mut settings, mut sections) = (Vec::new(), Vec::new());
        for field in &fields.named {
            let key = format!("{prefix}{}", field.ident.as_ref().unwrap());
            let (inner, list) = inner_type(&field.ty);
            if self.structs.contains_key(&inner) {
                sections.push((inner, if list { format!("{key}[]") } else { key }));
            } else {
                settings.push(Setting::new(key, &doc(&field.attrs)));
            }
        }
        (settings, sections)
    }

    /// All structs inside a struct with their keys, each before those inside it.
    fn sections(&self, name: &str, prefix: &str) -> Vec<(String, String)> {
        let (_, direct) = self.walk(name, prefix);
        let with_inner = direct.into_iter().flat_map(|(inner, key)| {
            let below = self.sections(&inner, &format!("{key}."));
            iter::once((inner, key)).chain(below)
        });
        with_inner.collect()
    }
}

/// The name of a type, or of what there may be one or several of, and whether it is the element of a list.
fn inner_type(ty: &Type) -> (String, bool) {
    let Type::Path(path) = ty else { panic!("a setting has a named type") };
    let last = path.path.segments.last().unwrap();
    match &last.arguments {
        syn::PathArguments::AngleBracketed(of) if last.ident == "Vec" || last.ident == "Option" => {
            let Some(syn::GenericArgument::Type(element)) = of.args.first() else { panic!() };
            (inner_type(element).0, last.ident == "Vec")
        }
        _ => (last.ident.to_string(), false),
    }
}

/// A doc comment: its paragraphs, each on one line, with an empty line between two.
fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(doc) if doc.path.is_ident("doc") => match &doc.value {
            Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) => Some(line.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    text.split("\n\n").map(|part| part.replace('\n', " ")).collect::<Vec<_>>().join("\n\n")
}

fn settings(source: &Source) -> Vec<Setting> {
    let (mut all, _) = source.walk("Config", "");
    for (name, key) in source.sections("Config", "") {
        all.extend(source.walk(&name, &format!("{key}.")).0);
    }
    all
}

fn page(source: &Source) -> String {
    let mut page =
        "<!-- Made from the doc comments in src/config; a test compares the two. -->\n\n\
                    # Configuration\n\nA file with every setting: \
                    [`ringfence.example.toml`](../ringfence.example.toml). \
                    `ringfence check-config` says whether a configuration is accepted.\n"
            .to_owned();
    page.push_str(&section(source, "Config", &source.walk("Config", "").0));
    for (name, key) in source.sections("Config", "") {
        let heading = match key.strip_suffix("[]") {
            Some(list) => format!("[[{list}]]"),
            None => format!("[{key}]"),
        };
        page.extend(["\n## `", &heading, "`\n"]);
        page.push_str(&section(source, &name, &source.walk(&name, &format!("{key}.")).0));
    }
    page
}

fn section(source: &Source, name: &str, settings: &[Setting]) -> String {
    let introduction = doc(&source.structs[name].attrs);
    let row = |setting: &Setting| {
        let Setting { meaning, default, variable, .. } = setting;
        format!("| `{}` | {default} | {meaning} | `{variable}` |\n", setting.name())
    };
    let rows = settings.iter().map(row).collect::<Vec<_>>().concat();
    format!(
        "\n{introduction}\n\n| setting | default | meaning | variable |\n|---|---|---|---|\n{rows}"
    )
}
