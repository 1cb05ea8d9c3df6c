//! Questions in a terminal.

use crate::sealed::Secret;
use anyhow::{Context as _, bail};
use std::io::{BufRead, Write};

/// Asks questions whose default is the current value.
pub struct Asker<'a> {
    input: &'a mut (dyn BufRead + Send),
    output: &'a mut (dyn Write + Send),
    hidden: Hidden,
}

/// How a secret is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hidden {
    /// From the terminal, without echo.
    Terminal,
    /// From standard input.
    Input,
}

impl<'a> Asker<'a> {
    /// Asks in a terminal.
    pub fn terminal(input: &'a mut (dyn BufRead + Send), output: &'a mut (dyn Write + Send)) -> Self {
        Self { input, output, hidden: Hidden::Terminal }
    }

    /// Reads the answers of a script or a test.
    pub fn script(input: &'a mut (dyn BufRead + Send), output: &'a mut (dyn Write + Send)) -> Self {
        Self { input, output, hidden: Hidden::Input }
    }

    /// Prints a text.
    ///
    /// # Errors
    /// When input or output cannot be used any more.
    pub fn say(&mut self, text: &str) -> anyhow::Result<()> {
        writeln!(self.output, "{}", text.trim_end())?;
        Ok(())
    }

    /// Asks for a line; an empty answer keeps the current value, `-` clears it.
    ///
    /// # Errors
    /// As [`Asker::say`].
    pub fn line(&mut self, question: &str, now: &str) -> anyhow::Result<String> {
        let shown = if now.is_empty() { String::new() } else { format!(" [{now}]") };
        write!(self.output, "{question}{shown}: ")?;
        self.output.flush()?;
        let line = self.read()?;
        Ok(match line.trim() {
            "" => now.to_owned(),
            "-" => String::new(),
            line => line.to_owned(),
        })
    }

    /// Asks for a line until `parse` accepts it.
    ///
    /// # Errors
    /// As [`Asker::say`].
    pub fn parsed<T>(
        &mut self,
        question: &str,
        now: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> anyhow::Result<T> {
        loop {
            let line = self.line(question, now)?;
            match parse(&line) {
                Ok(value) => return Ok(value),
                Err(why) => self.say(&format!("  {why}"))?,
            }
        }
    }

    /// Asks for one of several choices, by number.
    ///
    /// # Errors
    /// As [`Asker::say`].
    pub fn choice(&mut self, question: &str, labels: &[&str], now: usize) -> anyhow::Result<usize> {
        for (number, label) in (1..).zip(labels) {
            self.say(&format!("  {number}  {label}"))?;
        }
        let parse = |line: &str| {
            let number = line.parse::<usize>().ok().filter(|number| (1..=labels.len()).contains(number));
            number.map(|number| number - 1).ok_or_else(|| format!("enter a number from 1 to {}", labels.len()))
        };
        self.parsed(question, &(now + 1).to_string(), parse)
    }

    /// Asks for yes or no.
    ///
    /// # Errors
    /// As [`Asker::say`].
    pub fn yes(&mut self, question: &str) -> anyhow::Result<bool> {
        self.parsed(question, "y", |line| match line.to_lowercase().as_str() {
            "y" | "yes" => Ok(true),
            "n" | "no" => Ok(false),
            _ => Err("enter y or n".into()),
        })
    }

    /// Asks for a secret; `None` keeps the current one.
    ///
    /// # Errors
    /// As [`Asker::say`].
    pub fn secret(&mut self, question: &str, is_set: bool) -> anyhow::Result<Option<Secret>> {
        write!(self.output, "{question}{}: ", if is_set { " [unchanged]" } else { "" })?;
        self.output.flush()?;
        let text = match self.hidden {
            Hidden::Terminal => rpassword::read_password().context("the terminal cannot be read")?,
            Hidden::Input => self.read()?.trim_end_matches(['\r', '\n']).to_owned(),
        };
        Ok((!text.is_empty()).then(|| Secret::exact(text)))
    }

    /// Asks for lines up to an empty one; an empty first line keeps the current text.
    ///
    /// # Errors
    /// As [`Asker::say`].
    pub fn lines(&mut self, question: &str, now: &str) -> anyhow::Result<String> {
        self.say(question)?;
        if !now.is_empty() {
            self.say(&format!("  current: {now}\n  (an empty line keeps it)"))?;
        }
        let mut text = String::new();
        loop {
            let line = self.read()?;
            if line.trim().is_empty() {
                return Ok(if text.is_empty() { now.to_owned() } else { text.trim_end().to_owned() });
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }

    fn read(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.input.read_line(&mut line)? == 0 {
            bail!("the input ended before the question was answered; earlier steps are saved")
        }
        Ok(line)
    }
}
