//! Answers in the XML of the Query protocol.

use std::fmt::Display;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

/// A piece of a response.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    name: &'static str,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Text(String),
    Children(Vec<Element>),
}

impl Element {
    pub(crate) fn text(name: &'static str, text: impl Display) -> Self {
        Self { name, content: Content::Text(format!("{text}")) }
    }

    pub(crate) fn parent(name: &'static str, children: Vec<Self>) -> Self {
        Self { name, content: Content::Children(children) }
    }

    /// A list of texts, each in an element called `item`.
    pub(crate) fn texts<T: Display>(
        name: &'static str,
        item: &'static str,
        texts: impl IntoIterator<Item = T>,
    ) -> Self {
        let children = texts.into_iter().map(|text| Self::text(item, text)).collect();
        Self::parent(name, children)
    }

    pub(crate) fn renamed(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    pub(crate) fn into_children(self) -> Vec<Self> {
        match self.content {
            Content::Text(_) => Vec::new(),
            Content::Children(children) => children,
        }
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        writer.write_event(Event::Start(BytesStart::new(self.name)))?;
        match &self.content {
            // Escapes what XML reserves: an access string may hold `&`.
            Content::Text(text) => writer.write_event(Event::Text(BytesText::new(text)))?,
            Content::Children(children) => {
                for child in children {
                    child.write(writer)?;
                }
            }
        }
        writer.write_event(Event::End(BytesEnd::new(self.name)))
    }
}

/// The document of an answer: the result in the operation's envelope, with the request's id.
pub(crate) fn answer(
    namespace: &str,
    operation: &str,
    result: &[Element],
    request_id: &str,
) -> Vec<u8> {
    document(namespace, &format!("{operation}Response"), |writer| {
        let result_name = format!("{operation}Result");
        writer.write_event(Event::Start(BytesStart::new(result_name.as_str())))?;
        for element in result {
            element.write(writer)?;
        }
        writer.write_event(Event::End(BytesEnd::new(result_name.as_str())))?;
        Element::parent("ResponseMetadata", vec![Element::text("RequestId", request_id)])
            .write(writer)
    })
}

/// What went wrong.
pub(crate) struct Fault<'a> {
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
    pub(crate) status: u16,
}

/// The document of an error.
pub(crate) fn error(namespace: &str, fault: &Fault<'_>, request_id: &str) -> Vec<u8> {
    let Fault { code, message, status } = fault;
    document(namespace, "ErrorResponse", |writer| {
        let blame = if *status < 500 { "Sender" } else { "Receiver" };
        let error = Element::parent(
            "Error",
            vec![
                Element::text("Type", blame),
                Element::text("Code", code),
                Element::text("Message", message),
            ],
        );
        error.write(writer)?;
        Element::text("RequestId", request_id).write(writer)
    })
}

fn document(
    namespace: &str,
    root: &str,
    content: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>,
) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    let start = BytesStart::new(root).with_attributes([("xmlns", namespace)]);
    writer
        .write_event(Event::Start(start))
        .and_then(|()| content(&mut writer))
        .and_then(|()| writer.write_event(Event::End(BytesEnd::new(root))))
        .expect("a vector takes whatever is written to it");
    writer.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_escaped_and_in_their_envelope() {
        let result = [Element::texts("Ids", "member", ["a&b", "<c>"])];
        let document =
            String::from_utf8(answer("http://example.com/", "DoIt", &result, "id-1")).unwrap();
        assert_eq!(
            document,
            "<DoItResponse xmlns=\"http://example.com/\"><DoItResult>\
             <Ids><member>a&amp;b</member><member>&lt;c&gt;</member></Ids></DoItResult>\
             <ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DoItResponse>"
        );
    }

    #[test]
    fn errors_say_whose_fault_they_are() {
        let document = |status| {
            let fault = Fault { code: "Code", message: "why", status };
            String::from_utf8(error("http://example.com/", &fault, "id-1")).unwrap()
        };
        assert!(document(404).contains("<Error><Type>Sender</Type><Code>Code</Code>"));
        assert!(document(503).contains("<Type>Receiver</Type>"));
    }
}
