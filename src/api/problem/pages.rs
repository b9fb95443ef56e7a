//! The pages that document the codes, served where the `type` of a problem points.

use axum::{
    Router,
    extract::Path,
    http::{HeaderName, header},
    response::{Html, IntoResponse},
    routing::get,
};

use super::{Code, Problem, tenant_problem};
use crate::domain::TenantProblemCode;

/// Serves `/problems` and a page for each code under it.
pub(crate) fn problem_pages<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/problems", get(list_pages)).route("/problems/{slug}", get(get_page))
}

async fn list_pages() -> impl IntoResponse {
    let of_requests = Code::ALL.iter().map(|code| {
        let (path, title, status) = (code.page_path(), code.title(), code.status().as_u16());
        let retry = if code.is_retryable() { "yes" } else { "no" };
        format!("| [{title}]({path}) | {status} | {retry} |\n")
    });
    let of_tenants = TenantProblemCode::ALL.iter().map(|code| {
        let (path, title) = (tenant_problem::page_path(*code), tenant_problem::title(*code));
        let who = if code.is_retryable() { "Ringfence tries again" } else { "a person" };
        format!("| [{title}]({path}) | {who} |\n")
    });
    let markdown = format!(
        "# Problems\n\n\
         ## Of requests\n\n| problem | status | may be retried unchanged |\n|---|---|---|\n{}\n\
         ## Of tenants\n\n| problem | who acts |\n|---|---|\n{}",
        of_requests.collect::<String>(),
        of_tenants.collect::<String>()
    );
    render("Problems", &markdown)
}

async fn get_page(Path(slug): Path<String>) -> Result<impl IntoResponse, Problem> {
    let (title, page) = find(&slug).ok_or_else(|| {
        Problem::new(Code::NotFound, "no problem has this name; /problems lists them all")
    })?;
    Ok(render(title, page))
}

/// The title and the page of a problem of either sort. Those that are of both share the page.
fn find(slug: &str) -> Option<(&'static str, &'static str)> {
    let of_request = Code::ALL.iter().find(|code| code.slug() == slug);
    if let Some(code) = of_request {
        return Some((code.title(), code.page()));
    }
    let code = slug.parse().ok()?;
    Some((tenant_problem::title(code), tenant_problem::page(code)))
}

const STYLE: &str = "\
    body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
    pre { background: #8882; padding: 1rem; overflow-x: auto }
    td, th { padding-right: 1rem; text-align: left }";

/// A page that needs nothing but itself, so that it reads the same without a network.
fn render(title: &str, markdown: &str) -> ([(HeaderName, &'static str); 1], Html<String>) {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; \
                  base-uri 'none'; form-action 'none'";
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title} - Ringfence</title>\n<style>{STYLE}</style>\n"
    );
    let parser = pulldown_cmark::Parser::new_ext(markdown, pulldown_cmark::Options::ENABLE_TABLES);
    pulldown_cmark::html::push_html(&mut html, parser);
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::super::responses::json_block;
    use super::*;

    #[test]
    fn every_page_has_a_code() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/problems");
        let pages: BTreeSet<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let of_requests = Code::ALL.iter().map(|code| code.slug());
        let of_tenants = TenantProblemCode::ALL.iter().map(|code| code.as_str());
        let expected: BTreeSet<_> =
            of_requests.chain(of_tenants).map(|slug| format!("{slug}.md")).collect();
        assert_eq!(pages, expected);
    }

    #[test]
    fn every_page_says_what_it_means_and_what_to_do() {
        let pages = Code::ALL.iter().map(|code| (code.title(), code.page()));
        let more = TenantProblemCode::ALL
            .map(|code| (tenant_problem::title(code), tenant_problem::page(code)));
        for (title, page) in pages.chain(more) {
            assert!(page.starts_with(&format!("# {title}\n")), "{title}");
            for heading in ["\n## What it means\n", "\n## What to do\n", "\n## Example\n"] {
                assert!(page.contains(heading), "{title}: {heading:?}");
            }
        }
    }

    /// The example is what a caller compares with, so it must be what the code really answers.
    #[test]
    fn every_example_has_the_facts_of_its_code() {
        for code in Code::ALL {
            let shown = json_block(code.page()).unwrap();
            assert_eq!(shown["type"], code.page_path());
            assert_eq!(shown["title"], code.title());
            assert_eq!(shown["status"], code.status().as_u16());
            assert_eq!(shown["retryable"], code.is_retryable());
            for member in ["detail", "instance", "request_id"] {
                assert!(shown[member].is_string(), "{}: {member}", code.slug());
            }
        }
        for code in TenantProblemCode::ALL {
            let shown = json_block(tenant_problem::page(code)).unwrap();
            assert_eq!(shown["type"], tenant_problem::page_path(code));
            assert_eq!(shown["title"], tenant_problem::title(code));
            assert_eq!(shown["retryable"], code.is_retryable());
        }
    }
}
