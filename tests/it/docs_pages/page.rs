//! A document: its links, what links can lead to, and its blocks of code.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::{Component, Path, PathBuf},
};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A fenced block of code.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) language: String,
    pub(super) code: String,
}

/// A document of the repository.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// From the repository's root.
    pub(super) path: PathBuf,
    pub(super) links: Vec<String>,
    pub(super) blocks: Vec<Block>,
    anchors: BTreeSet<String>,
}

/// All documents of the repository.
pub(super) fn all() -> Vec<Page> {
    let mut pages = Vec::new();
    gather(Path::new(""), &mut pages);
    pages
}

fn gather(directory: &Path, pages: &mut Vec<Page>) {
    for entry in fs::read_dir(Path::new(".").join(directory)).unwrap() {
        let entry = entry.unwrap();
        let (name, path) = (entry.file_name(), directory.join(entry.file_name()));
        let name = name.to_str().unwrap();
        if entry.file_type().unwrap().is_dir() {
            if !name.starts_with('.') && !["target", "node_modules"].contains(&name) {
                gather(&path, pages);
            }
        } else if path.extension() == Some("md".as_ref()) {
            pages.push(Page::read(path));
        }
    }
}

impl Page {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap();
        let mut page = Self { path, ..Self::default() };
        let mut seen: HashMap<String, usize> = HashMap::new();
        let (mut heading, mut block) = (None::<String>, None::<Block>);
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. }) => page.links.push(dest_url.into_string()),
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let slug = slug(&heading.take().unwrap());
                    let again = seen.entry(slug.clone()).or_default();
                    let anchor = if *again > 0 { format!("{slug}-{again}") } else { slug };
                    *again += 1;
                    page.anchors.insert(anchor);
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                    block = Some(Block { language: language.into_string(), code: String::new() });
                }
                Event::End(TagEnd::CodeBlock) => page.blocks.extend(block.take()),
                Event::Text(text) | Event::Code(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                    if let Some(block) = &mut block {
                        block.code.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        page
    }

    /// The file that a link leads to; nothing if it leads out of the repository.
    pub(super) fn target(&self, link: &str) -> Option<PathBuf> {
        let (file, _) = link.split_once('#').unwrap_or((link, ""));
        // What rustdoc resolves is checked by rustdoc.
        let is_code = self.path == Path::new("ARCHITECTURE.md") && !file.contains(['/', '.']);
        if link.contains("://") || link.starts_with("mailto:") || is_code {
            return None;
        }
        if file.is_empty() {
            return Some(self.path.clone());
        }
        // Pages of problems are served, and lead on to what else the service serves.
        if let Some(served) = file.strip_prefix('/') {
            let code = served.strip_prefix("problems/");
            return code.map(|code| format!("docs/problems/{code}.md").into());
        }
        let mut target = self.path.parent().unwrap_or(Path::new("")).to_owned();
        for part in Path::new(file).components() {
            match part {
                Component::ParentDir => assert!(target.pop(), "{link} leads out"),
                part => target.push(part),
            }
        }
        Some(target)
    }

    /// What is wrong with the links of this page.
    pub(super) fn dead_links(&self, pages: &[Self]) -> Vec<String> {
        let is_dead = |link: &&String| {
            let Some(target) = self.target(link) else { return false };
            let anchor = link.split_once('#').map_or("", |(_, anchor)| anchor);
            let page = pages.iter().find(|page| page.path == target);
            let leads_on = page.is_some_and(|page| page.anchors.contains(anchor));
            !Path::new(".").join(&target).exists() || !(anchor.is_empty() || leads_on)
        };
        let dead = self.links.iter().filter(is_dead);
        dead.map(|link| format!("{}: {link} leads nowhere", self.path.display())).collect()
    }
}

/// What GitHub makes of a heading.
fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn an_anchor_is_the_heading_in_lower_case_with_hyphens() {
    assert_eq!(slug("What a consumer does"), "what-a-consumer-does");
    assert_eq!(slug("`POST /tenants`: what's new?"), "post-tenants-whats-new");
}
