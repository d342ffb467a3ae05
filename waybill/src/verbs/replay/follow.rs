//! A run while it goes on: what is there is told, then what comes, until the run has ended.

use std::io::Write;
use std::time::Duration;

use domain::ids::{Position, RunId};
use domain::run::RunEvent;
use domain::{Event, Recorded, StreamId};
use futures_util::StreamExt;
use replay::story::{self, Telling};

use crate::cli::{Form, Global};
use crate::client::{Client, ClientError};
use crate::failure::{Exit, Failure};
use crate::readers;
use crate::server_file::ServerFile;
use crate::target::{self, Target, Want};
use crate::verbs::replay::Replay;

/// How often it is looked whether a server has opened the folder.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Where what is told goes.
enum Teller<'a> {
    Text(Box<Telling<'a>>),
    Lines(&'a mut dyn Write),
}

/// What has been told so far.
struct Told<'a> {
    teller: Teller<'a>,
    last: Option<Position>,
    ended: bool,
}

pub(super) async fn follow(replay: &Replay, global: &Global) -> Result<Exit, Failure> {
    if replay.out.is_some() || !matches!(global.output, Form::Table | Form::Ndjson) {
        return Err(Failure::usage("--follow goes on, and a document does not")
            .hint("use --output table or ndjson, and leave --out out"));
    }
    let mut out = std::io::stdout();
    let teller = match global.output {
        Form::Ndjson => Teller::Lines(&mut out),
        _ => Teller::Text(Box::new(Telling::new(replay.style(true), &mut out))),
    };
    let mut told = Told { teller, last: None, ended: false };
    let mut target = target::open(global, Want::Log)?;
    let (run, records) = replay.records(&target).await?;
    told.take(records)?;
    while !told.ended {
        match target {
            Target::Server(client) => {
                tokio::select! {
                    went_on = through(&client, run, &mut told) => went_on?,
                    _ = tokio::signal::ctrl_c() => {}
                }
                break;
            }
            // Nobody else writes while this process holds the folder: it is let go, for a server to open.
            folder @ Target::Folder(_) => {
                folder.close().await?;
                eprintln!("the run has not ended: waiting until a server opens the folder; Ctrl-C to leave");
                tokio::select! {
                    () = opened(global) => {}
                    _ = tokio::signal::ctrl_c() => break,
                }
                target = target::open(global, Want::Log)?;
                let (_, records) = replay.records(&target).await?;
                told.take(records)?;
            }
        }
    }
    told.close()
}

/// Returns when a server has the folder open.
async fn opened(global: &Global) {
    while ServerFile::read(&global.data).is_none() {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Tells what comes through a server. Its live events say that there is more; what is told is read as records.
async fn through(client: &Client, run: RunId, told: &mut Told<'_>) -> Result<(), Failure> {
    let stream = ("stream".to_owned(), StreamId::from(run).to_string());
    let after = told.last.map(|last| ("after".to_owned(), last.to_string()));
    let arguments = after.into_iter().chain([stream.clone()]).collect();
    let response = client.get(&["v1", "events", "live"], &arguments, "text/event-stream").await?;
    let mut chunks = response.bytes_stream();
    while !told.ended {
        let Some(chunk) = chunks.next().await else {
            return Err(Failure::new(Exit::Unreachable, "the server ended the stream of events")
                .hint("run the verb again: it begins where the run does"));
        };
        let chunk = chunk.map_err(ClientError::from)?;
        // A comment only says that the connection lives.
        if chunk.starts_with(b":") && chunk.len() < 8 {
            continue;
        }
        let after = told.last.map(|last| ("after".to_owned(), last.to_string()));
        let arguments = after.into_iter().chain([stream.clone()]).collect();
        told.take(decoded(readers::records(client, arguments).await?)?)?;
    }
    Ok(())
}

fn decoded(records: Vec<journal::RawRecord>) -> Result<Vec<Recorded>, Failure> {
    let mut events = Vec::with_capacity(records.len());
    for record in records {
        match replay::decode(&record) {
            Err(fault) if fault.is_unknown() => tracing::warn!(%fault, "left out: a later release wrote it"),
            decoded => events.push(decoded?),
        }
    }
    Ok(events)
}

impl Told<'_> {
    fn take(&mut self, records: Vec<Recorded>) -> Result<(), Failure> {
        let fresh = |recorded: &Recorded| self.last.is_none_or(|last| recorded.meta.position > last);
        let records: Vec<Recorded> = records.into_iter().filter(fresh).collect();
        for recorded in &records {
            self.last = Some(recorded.meta.position);
            self.ended |= matches!(
                recorded.event,
                Event::Run(RunEvent::RunCompleted(_) | RunEvent::RunFailed(_) | RunEvent::RunCancelled(_))
            );
            if let Teller::Text(telling) = &mut self.teller {
                telling.take(recorded)?;
            }
        }
        if let Teller::Lines(out) = &mut self.teller {
            story::ndjson(records, None, *out)?;
            out.flush()?;
        }
        Ok(())
    }
    fn close(self) -> Result<Exit, Failure> {
        if let Teller::Text(telling) = self.teller {
            telling.close()?;
        }
        Ok(Exit::Done)
    }
}
