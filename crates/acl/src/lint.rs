//! What is wrong with a string, or will surprise its author.
//!
//! The engines check keys that a command names. What goes round that check is looked for here:
//! commands that name no key and show or harm what belongs to others, commands whose keys the
//! engine finds wrongly, channels, an open `default` user, patterns that meet. So is what clients
//! need and do not get. Each finding was seen on real servers.

mod channels;
mod clients;
mod codes;
mod commands;
mod growth;
mod keys;
mod leaks;
mod removed;
mod rules;

use crate::access_string::AccessString;
use crate::engine::Engine;
use crate::rule::Rule;
pub use codes::LINT_CODES;

/// What a string is meant for.
#[derive(Clone, Debug)]
pub struct LintContext<'a> {
    /// The engine of the cache.
    pub engine: Engine,
    /// How ElastiCache runs it.
    pub deployment: Deployment,
    /// Whether clients speak the protocol of a cluster.
    pub cluster_mode: bool,
    /// The parameter `acl-pubsub-default`, which counts for a user without rules about channels.
    pub channel_default: ChannelDefault,
    /// Whether the engine's user `default` takes anyone.
    pub default_user: DefaultUser,
    /// The other users of the cache, by name.
    pub neighbours: &'a [(String, AccessString)],
}

/// How ElastiCache runs a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployment {
    /// On nodes of one's own.
    NodeBased,
    /// Serverless, which has fewer commands.
    Serverless,
}

/// What `acl-pubsub-default` is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelDefault {
    /// `allchannels`: what ElastiCache sets unless told otherwise.
    AllChannels,
    /// `resetchannels`: the engines' own default since 7.0.
    ResetChannels,
}

/// What is known of the engine's user `default`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultUser {
    /// On, without a password, and with rights.
    Open,
    /// Off, with a password, or without rights.
    Closed,
    /// Nobody looked.
    Unknown,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Likely a mistake, or a nuisance.
    Warning,
    /// Others are not safe, or the string will be refused.
    Error,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable name, such as `reveals-key-names`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The byte at which the rule that causes it begins; `None` if it is the lack of a rule.
    pub position: Option<usize>,
    /// The commands that it is about.
    pub commands: Vec<String>,
    /// What is the matter, in a sentence or two.
    pub explanation: String,
    /// The whole string without this finding, where that can be told.
    pub suggestion: Option<String>,
}

impl Finding {
    fn new(code: &'static str, severity: Severity, explanation: impl Into<String>) -> Self {
        debug_assert!(LINT_CODES.contains(&code), "{code} is not among the codes");
        let explanation = explanation.into();
        Self { code, severity, position: None, commands: Vec::new(), explanation, suggestion: None }
    }

    fn at(mut self, rule: &Rule) -> Self {
        self.position = Some(rule.position());
        self
    }

    fn about(mut self, commands: Vec<String>) -> Self {
        self.commands = commands;
        self
    }

    fn suggesting(mut self, string: impl Into<Option<String>>) -> Self {
        self.suggestion = string.into();
        self
    }
}

/// Looks a string over for one engine and its surroundings; the worst findings come first.
#[must_use]
pub fn lint(string: &AccessString, context: &LintContext<'_>) -> Vec<Finding> {
    let mut findings = rules::refused(string, context);
    findings.extend(rules::out_of_order(string, context));
    findings.extend(rules::questionable(string));
    findings.extend(leaks::findings(string, context));
    findings.extend(keys::findings(string, context));
    findings.extend(channels::findings(string, context));
    findings.extend(growth::findings(string, context));
    findings.extend(clients::findings(string, context));
    if context.default_user == DefaultUser::Open {
        findings.push(Finding::new(
            "open-default-user",
            Severity::Error,
            "the engine's user `default` takes anyone: `RESET`, which no rule takes away, and a \
             connection that never logs in both have its rights",
        ));
    }
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.position));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EngineKind, EngineVersion};

    /// The recipe that is passed around, under a prefix as it is usual.
    const RECIPE: &str = "on ~acme-* +@read +@write -@dangerous";

    /// An allow list by data type and command, denials in the middle and named commands last.
    const ALLOW_LIST: &str = "on ~acme:* resetchannels &acme:* -@all \
        +@string +@hash +@list +@set +@sortedset +@stream +@bitmap +@hyperloglog +@geo \
        -@dangerous -@admin -@scripting -georadius -georadiusbymember \
        +del +unlink +exists +touch +type +ttl +pttl +expire +pexpire +expireat +pexpireat \
        +expiretime +pexpiretime +persist +rename +renamenx +dump \
        +object|encoding +object|freq +object|idletime +object|refcount +memory|usage \
        +ping +echo +auth +hello +quit +reset +client|id +client|setname +client|getname \
        +client|setinfo +client|reply +client|info +client|no-touch +command \
        +multi +exec +discard +watch +unwatch \
        +subscribe +unsubscribe +psubscribe +punsubscribe +publish +ssubscribe +sunsubscribe \
        +spublish +select|0";

    const ENGINES: [Engine; 7] = [
        Engine { kind: EngineKind::Redis, version: EngineVersion::new(6, 2) },
        Engine { kind: EngineKind::Redis, version: EngineVersion::new(7, 0) },
        Engine { kind: EngineKind::Redis, version: EngineVersion::new(8, 2) },
        Engine { kind: EngineKind::Valkey, version: EngineVersion::new(7, 2) },
        Engine { kind: EngineKind::Valkey, version: EngineVersion::new(8, 1) },
        Engine { kind: EngineKind::Valkey, version: EngineVersion::new(9, 0) },
        Engine { kind: EngineKind::Valkey, version: EngineVersion::new(9, 1) },
    ];

    fn context(engine: Engine) -> LintContext<'static> {
        LintContext {
            engine,
            deployment: Deployment::NodeBased,
            cluster_mode: false,
            channel_default: ChannelDefault::AllChannels,
            default_user: DefaultUser::Closed,
            neighbours: &[],
        }
    }

    fn lint_text(text: &str, context: &LintContext<'_>) -> Vec<Finding> {
        lint(&AccessString::parse(text).unwrap(), context)
    }

    /// The commands under a code, whatever rule is behind each.
    fn commands(findings: &[Finding], code: &str) -> Vec<String> {
        let of_code = findings.iter().filter(|finding| finding.code == code);
        of_code.flat_map(|finding| finding.commands.clone()).collect()
    }

    fn errors(findings: &[Finding]) -> Vec<&Finding> {
        findings.iter().filter(|finding| finding.severity == Severity::Error).collect()
    }

    #[test]
    fn the_usual_recipe_shows_every_leak_that_it_has() {
        for engine in ENGINES {
            let context = LintContext { default_user: DefaultUser::Open, ..context(engine) };
            let findings = lint_text(RECIPE, &context);
            let names = commands(&findings, "reveals-key-names");
            assert!(names.starts_with(&["scan".into(), "randomkey".into()]), "{engine}: {names:?}");
            let has_cluster_scan = names.contains(&"clusterscan".into());
            assert_eq!(has_cluster_scan, engine.knows_command("clusterscan"), "{engine}");
            assert!(commands(&findings, "reveals-counts").contains(&"dbsize".into()));
            let has = |code| findings.iter().any(|finding| finding.code == code);
            let is_6_2 = engine.version.major == 6;
            let is_mended = engine.to_string() == "valkey 9.1.0";
            assert_eq!(has("bypasses-key-check"), !is_6_2 && !is_mended, "{engine}");
            assert_eq!(has("manages-functions"), !is_6_2, "{engine}");
            let functions = ["load", "delete", "flush", "restore"].map(|n| format!("function|{n}"));
            let given = commands(&findings, "manages-functions");
            assert!(is_6_2 || functions.iter().all(|name| given.contains(name)));
            assert!(has("open-default-user") && has("open-prefix") && has("all-channels"));
            let needs = commands(&findings, "client-needs");
            assert!(
                ["multi", "ping", "client|setname"].iter().all(|n| needs.contains(&(*n).into()))
            );
            assert!(commands(&findings, "leaves-the-database").contains(&"move".into()));
        }
    }

    #[test]
    fn the_recipe_on_6_2_also_tells_memory_statistics() {
        let findings = lint_text(RECIPE, &context(ENGINES[0]));
        let counts = commands(&findings, "reveals-counts");
        assert!(counts.contains(&"memory|stats".into()), "{counts:?}");
        assert!(commands(&findings, "shows-or-harms-clients").contains(&"memory|purge".into()));
    }

    #[test]
    fn scripts_are_an_error_where_they_can_act_with_the_rights_of_others() {
        for engine in ENGINES {
            let findings = lint_text(
                "on ~a:* resetchannels +eval +script|load +script|exists",
                &context(engine),
            );
            let severity = |command: &str| {
                let about = |f: &&Finding| f.commands.iter().any(|name| name == command);
                let finding = findings.iter().find(about).expect(command);
                assert_eq!(finding.code, "runs-scripts");
                finding.severity
            };
            let is_6_2 = engine.version.major == 6;
            let expected = if is_6_2 { Severity::Error } else { Severity::Warning };
            assert_eq!(
                (severity("eval"), severity("script|load")),
                (expected, expected),
                "{engine}"
            );
            assert_eq!(severity("script|exists"), Severity::Note, "{engine}");
        }
    }

    #[test]
    fn the_usual_repairs_of_the_recipe_open_more() {
        let text = format!("{RECIPE} +@connection +@transaction +@pubsub +@scripting +cluster");
        let findings = lint_text(&text, &context(ENGINES[4]));
        assert_eq!(commands(&findings, "streams-key-names"), ["client|tracking"]);
        assert!(commands(&findings, "shows-or-harms-clients").contains(&"client|list".into()));
        assert!(commands(&findings, "reveals-channels").contains(&"pubsub|channels".into()));
        assert_eq!(
            commands(&findings, "manages-scripts"),
            ["script|flush", "script|kill", "script|debug", "script|show"]
        );
        assert!(commands(&findings, "reveals-counts").contains(&"cluster|slot-stats".into()));
        assert!(commands(&findings, "runs-scripts").contains(&"eval".into()));
        assert!(commands(&findings, "reveals-key-names").contains(&"cluster|getkeysinslot".into()));
        assert!(findings.iter().any(|f| f.code == "denial-undone"));
    }

    #[test]
    fn an_allow_list_has_no_error_on_any_engine() {
        for engine in ENGINES {
            let known = AccessString::parse(ALLOW_LIST).unwrap();
            let refused = known.check(&engine).err().unwrap_or_default();
            let is_known = |rule: &&Rule| refused.iter().all(|e| e.position != rule.position());
            let rules: Vec<&str> =
                known.rules().iter().filter(is_known).map(Rule::as_str).collect();
            let findings = lint_text(&rules.join(" "), &context(engine));
            assert_eq!(errors(&findings), Vec::<&Finding>::new(), "{engine}");
            let warns: Vec<&Finding> =
                findings.iter().filter(|f| f.severity == Severity::Warning).collect();
            assert_eq!(warns, Vec::<&Finding>::new(), "{engine}");
        }
    }

    #[test]
    fn a_user_bound_to_its_database_does_not_leave_it() {
        let leaves = |text: &str| {
            let findings = lint_text(text, &context(ENGINES[6]));
            findings.iter().any(|finding| finding.code == "leaves-the-database")
        };
        assert!(
            leaves("resetchannels ~a:* +copy") && leaves("resetchannels ~a:* db=0 alldbs +move")
        );
        assert!(!leaves("resetchannels ~a:* db=0 +copy +select"));
    }

    #[test]
    fn serverless_refuses_more_commands() {
        let context = LintContext { deployment: Deployment::Serverless, ..context(ENGINES[4]) };
        let findings = lint_text(ALLOW_LIST, &context);
        let refused = errors(&findings);
        assert!(refused.iter().all(|finding| finding.code == "removed-by-elasticache"));
        assert!(refused.iter().any(|finding| finding.explanation.contains("`+memory|usage`")));
    }

    #[test]
    fn a_later_category_that_undoes_a_denial_is_named_with_what_it_gives_back() {
        let findings =
            lint_text("on ~a:* resetchannels -@dangerous +@read +@write", &context(ENGINES[1]));
        let undone = commands(&findings, "denial-undone");
        assert!(undone.contains(&"flushall".into()) && undone.contains(&"keys".into()));
        let destroys = findings.iter().find(|finding| finding.code == "destroys-keys").unwrap();
        let mended = destroys.suggestion.as_deref().unwrap();
        assert!(commands(&lint_text(mended, &context(ENGINES[1])), "destroys-keys").is_empty());
    }

    #[test]
    fn a_neighbour_that_reaches_the_same_key_is_named_with_the_key() {
        let others = [("acme-eu".to_owned(), AccessString::parse("on ~acme-eu-* &x").unwrap())];
        let context = LintContext { neighbours: &others, ..context(ENGINES[6]) };
        let findings = lint_text("on ~acme-* resetchannels &x*", &context);
        let explains = |code, words: &str| {
            findings.iter().any(|f| f.code == code && f.explanation.contains(words))
        };
        assert!(explains("shares-keys", "`acme-eu` both reach the key `acme-eu-`"));
        assert!(explains("shares-channels", "the channel `x`"));
        let apart = lint_text("on ~acme:* resetchannels &acme:*", &context);
        assert!(apart.iter().all(|f| f.code != "shares-keys" && f.code != "shares-channels"));
    }

    #[test]
    fn channels_are_open_by_default_on_elasticache() {
        let severity = |text: &str, context: &LintContext<'_>| {
            let findings = lint_text(text, context);
            findings.iter().find(|f| f.code == "all-channels").map(|f| f.severity)
        };
        let open = context(ENGINES[6]);
        assert_eq!(severity("on ~a:* +subscribe", &open), Some(Severity::Error));
        assert_eq!(severity("on ~a:* +get", &open), Some(Severity::Warning));
        assert_eq!(severity("resetchannels on +subscribe", &open), None);
        assert_eq!(severity("on &* +subscribe", &open), Some(Severity::Error));
        let closed = LintContext { channel_default: ChannelDefault::ResetChannels, ..open };
        assert_eq!(severity("on ~a:* +subscribe", &closed), None);
    }

    #[test]
    fn patterns_that_reach_further_than_they_look_are_found() {
        let codes = |text: &str| -> Vec<&str> {
            let findings = lint_text(&format!("resetchannels {text}"), &context(ENGINES[1]));
            let about = ["all-keys", "glob-in-prefix", "open-prefix", "matches-nothing"];
            findings
                .iter()
                .map(|finding| finding.code)
                .filter(|code| about.contains(code))
                .collect()
        };
        assert_eq!(codes("~*"), ["all-keys"]);
        assert_eq!(codes("~acme-*"), ["open-prefix"]);
        assert_eq!(codes("~ac?e:*"), ["glob-in-prefix"]);
        assert_eq!(codes("~[]:*"), ["matches-nothing"]);
        assert_eq!(codes(r"~a\*:* ~acme:* ~acme"), Vec::<&str>::new());
        assert_eq!(codes("~* resetkeys ~acme:*"), Vec::<&str>::new());
        let events = lint_text("resetchannels &__keyevent@0__:*", &context(ENGINES[1]));
        assert!(events.iter().any(|finding| finding.code == "streams-key-names"));
    }
}
