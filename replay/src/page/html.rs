//! HTML that cannot be broken out of: markup is part of the program, foreign text is escaped, and no type joins the two.

use std::fmt::Display;

use crate::story::shown::harmless;

/// A page as it is written.
#[derive(Debug, Default)]
pub(crate) struct Html(String);

impl Html {
    /// Markup, which only the program itself has.
    pub(crate) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }
    /// A text of anybody: markup in it is shown, not obeyed, and so is what would reorder or hide text.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\n' | '\t' => self.0.push(c),
                '\r' => {}
                other => self.0.push(harmless(other)),
            }
        }
        self
    }
    /// As [`Html::text`].
    pub(crate) fn show(&mut self, value: impl Display) -> &mut Self {
        self.text(&value.to_string())
    }
    /// `<name class="class">text</name>`.
    pub(crate) fn element(&mut self, name: &'static str, class: &'static str, text: &str) -> &mut Self {
        self.raw("<").raw(name);
        if !class.is_empty() {
            self.raw(" class=\"").raw(class).raw("\"");
        }
        self.raw(">").text(text).raw("</").raw(name).raw(">")
    }
    /// A position of the run's own events, which leads to the event.
    pub(crate) fn position(&mut self, position: domain::ids::Position) -> &mut Self {
        self.raw("<a class=\"pos\" href=\"#p").show(position).raw("\">").show(position).raw("</a>")
    }
    /// A position of another stream's event.
    pub(crate) fn elsewhere(&mut self, fact: &crate::story::Fact) -> &mut Self {
        self.raw("<span class=\"pos far\" title=\"").show(fact.stream).raw(", ").text(fact.r#type);
        self.raw("\">").show(fact.position).raw("</span>")
    }
    /// A drawing that this program made.
    pub(crate) fn drawing(&mut self, drawing: &crate::charts::Drawing) -> &mut Self {
        self.0.push_str(&drawing.to_string());
        self
    }
    /// A heading of a part, with its name in addresses.
    pub(crate) fn part(&mut self, id: &'static str, heading: &'static str) -> &mut Self {
        self.raw("<section id=\"").raw(id).raw("\"><h2>").raw(heading).raw("</h2>\n")
    }
    /// The head of a table; names that begin with `#` stand over numbers.
    pub(crate) fn table(&mut self, columns: &[&'static str]) -> &mut Self {
        self.raw("<div class=\"wide\"><table><thead><tr>");
        for column in columns {
            match column.strip_prefix('#') {
                Some(number) => self.raw("<th class=\"num\">").raw(number),
                None => self.raw("<th>").raw(column),
            };
            self.raw("</th>");
        }
        self.raw("</tr></thead><tbody>\n")
    }
    /// What [`Html::table`] began.
    pub(crate) fn end_table(&mut self) -> &mut Self {
        self.raw("</tbody></table></div>\n")
    }
    /// The whole.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_text() {
        let mut html = Html::default();
        html.element("b", "x", "</b><script>alert('1')</script> & \"é\" \u{202e}gnp.exe \u{1b}[31m\r\n\t.");
        assert_eq!(
            html.into_text(),
            "<b class=\"x\">&lt;/b&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;é&quot; \
             \u{fffd}gnp.exe \u{fffd}[31m\n\t.</b>"
        );
    }
}
