//! An agent file: front matter of plain keys and lists between two lines of `---`, then the prompt as markdown.
//!
//! The front matter is the part of YAML that such files use: `key: value`, quoted values, `[a, b]`, `a, b`, and lists
//! of `- item`. Anything else is refused with its line, never guessed. A parser of whole YAML would bring code that
//! the pure core does without, for no file that exists.

use crate::Rejection;

/// What an agent file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentFile {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Its model, by alias or name.
    pub model: Option<String>,
    /// The tools it may use; none where the file does not say.
    pub tools: Option<Vec<String>>,
    /// Whether it runs in a sandbox; none where the file does not say.
    pub sandboxed: Option<bool>,
    /// The skills it refers to.
    pub skills: Vec<String>,
    /// The MCP servers it is given; none where the file does not say.
    pub mcp_servers: Option<Vec<String>>,
    /// What its sandbox is made from.
    pub template_id: Option<String>,
    /// How long its sandbox may live, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// Memory of its sandbox, in MB.
    pub memory_mb: Option<u32>,
    /// CPUs of its sandbox.
    pub cpus: Option<u32>,
    /// The prompt.
    pub prompt: String,
}

fn fault(line: usize, expected: &str, actual: &str) -> Rejection {
    Rejection::invalid("text", format!("{expected} in line {line}"), actual)
}

/// Reads an agent file.
///
/// # Errors
/// The line that is not understood.
pub fn read(text: &str) -> Result<AgentFile, Rejection> {
    let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_end()));
    let opening = lines.next().map_or("", |(_, line)| line.trim_start_matches('\u{feff}'));
    if opening != "---" {
        return Err(fault(1, "`---`", opening));
    }
    let mut file = AgentFile::default();
    let mut open: Option<(usize, String, Vec<String>)> = None;
    for (at, line) in lines.by_ref() {
        if let Some(item) = line.trim_start().strip_prefix("- ") {
            let (_, _, items) = open.as_mut().ok_or_else(|| fault(at, "a key before a list", line))?;
            items.push(unquoted(item.trim()));
            continue;
        }
        if let Some((at, key, items)) = open.take() {
            file.set(at, &key, Value::List(items))?;
        }
        if line == "---" {
            let prompt: Vec<_> = lines.map(|(_, line)| line).collect();
            prompt.join("\n").trim().clone_into(&mut file.prompt);
            return Ok(file);
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once(':').ok_or_else(|| fault(at, "`key: value`", line))?;
        match value.trim() {
            "" => open = Some((at, key.into(), vec![])),
            value => file.set(at, key, Value::Text(value))?,
        }
    }
    Err(fault(text.lines().count(), "a closing `---`", "the end"))
}

enum Value<'a> {
    Text(&'a str),
    List(Vec<String>),
}

impl Value<'_> {
    fn text(self, at: usize) -> Result<String, Rejection> {
        match self {
            Self::Text(text) if !text.starts_with(['|', '>', '[', '{', '&', '*', '!']) => Ok(unquoted(text)),
            Self::Text(text) => Err(fault(at, "a plain or quoted text", text)),
            Self::List(_) => Err(fault(at, "a text", "a list")),
        }
    }
    fn number<N: std::str::FromStr>(self, at: usize) -> Result<N, Rejection> {
        let text = self.text(at)?;
        text.parse().map_err(|_| fault(at, "a whole number", &text))
    }
    fn list(self) -> Vec<String> {
        let text = match self {
            Self::List(items) => return items,
            Self::Text(text) => text,
        };
        let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        inner.split(',').map(|item| unquoted(item.trim())).filter(|item| !item.is_empty()).collect()
    }
}

impl AgentFile {
    fn set(&mut self, at: usize, key: &str, value: Value<'_>) -> Result<(), Rejection> {
        match key {
            "name" => self.name = Some(value.text(at)?),
            "description" => self.description = Some(value.text(at)?),
            "model" => self.model = Some(value.text(at)?),
            "tools" => self.tools = Some(value.list()),
            "skills" => self.skills = value.list(),
            "mcp_servers" | "mcpServers" => self.mcp_servers = Some(value.list()),
            "template" | "runtime" => self.template_id = Some(value.text(at)?),
            "timeout_ms" => self.timeout_ms = Some(value.number(at)?),
            "memory_mb" => self.memory_mb = Some(value.number(at)?),
            "cpus" => self.cpus = Some(value.number(at)?),
            "sandboxed" => {
                let text = value.text(at)?;
                self.sandboxed = Some(text.parse().map_err(|_| fault(at, "true or false", &text))?);
            }
            _ => {
                let known = "name, description, model, tools, skills, mcp_servers, sandboxed, template, \
                             timeout_ms, memory_mb or cpus";
                return Err(fault(at, known, key));
            }
        }
        Ok(())
    }
}

fn unquoted(text: &str) -> String {
    let inner = |mark: char| text.strip_prefix(mark).and_then(|text| text.strip_suffix(mark));
    inner('"').or_else(|| inner('\'')).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_it_says() {
        let text = "---\nname: scout\ndescription: \"Finds: things\"\nmodel: sonnet\ntools: Read, 'Write'\n\
            skills:\n  - research-scan\n  - session-handoff\n# a remark\nmcp_servers: [perplexity]\nsandboxed: false\n\
            runtime: node22\ntimeout_ms: 1800000\nmemory_mb: 512\ncpus: 4\n\
            ---\n\nYou research.\n\n---\nStill the prompt.\n";
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let file = read(text).unwrap();
        assert_eq!(file, read(&text.replace('\n', "\r\n")).unwrap());
        assert_eq!(
            file,
            AgentFile {
                name: Some("scout".into()),
                description: Some("Finds: things".into()),
                model: Some("sonnet".into()),
                tools: Some(words(&["Read", "Write"])),
                sandboxed: Some(false),
                skills: words(&["research-scan", "session-handoff"]),
                mcp_servers: Some(words(&["perplexity"])),
                template_id: Some("node22".into()),
                timeout_ms: Some(1_800_000),
                memory_mb: Some(512),
                cpus: Some(4),
                prompt: "You research.\n\n---\nStill the prompt.".into(),
            }
        );
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_line() {
        for (text, part) in [
            ("", "`---` in line 1"),
            ("You build.", "`---` in line 1"),
            ("---\nname: a\n", "a closing `---` in line 2"),
            ("---\nname\n---\n", "`key: value` in line 2"),
            ("---\n- a\n---\n", "a key before a list in line 2"),
            ("---\nname: a\ncolour: red\n---\n", "or cpus in line 3"),
            ("---\ncpus: many\n---\n", "a whole number in line 2"),
            ("---\nsandboxed: maybe\n---\n", "true or false in line 2"),
            ("---\nname: |\n---\n", "a plain or quoted text in line 2"),
            ("---\nname:\n - a\n---\n", "a text in line 2"),
        ] {
            let refusal = read(text).unwrap_err().to_string();
            assert!(refusal.contains(part), "{text:?}: {refusal}");
        }
    }
}
