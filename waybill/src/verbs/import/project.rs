//! Which project an import goes to.

use domain::ids::ProjectId;
use projections::Query;
use replay::import::{Target as Destination, project_id};

use crate::failure::{Exit, Failure};
use crate::readers::ViewCall;
use crate::target::Target;

/// Slugs that a hint lists.
const LISTED: usize = 8;

/// The project of that id or slug; a slug that is new stands for the project that importing makes.
pub(super) async fn find(target: &Target, text: &str) -> Result<Destination, Failure> {
    match text.strip_prefix("project-").unwrap_or(text).parse::<ProjectId>() {
        Ok(id) => by_id(target, id).await,
        Err(_) => by_slug(target, text).await,
    }
}

async fn by_id(target: &Target, id: ProjectId) -> Result<Destination, Failure> {
    let call = ViewCall { key: Some(id.to_string()), ..ViewCall::of("projects") };
    match target.view(&call).await {
        Ok(_) => Ok(Destination::Existing(id)),
        Err(failure) if failure.exit == Exit::Usage => {
            let query = Query { limit: Some(LISTED), ..Query::default() };
            let known = target.view(&ViewCall { query, ..ViewCall::of("projects") }).await?;
            let known: Vec<_> = known.rows.iter().map(|row| row.key.as_str()).collect();
            let hint = if known.is_empty() {
                "there is none yet: give a slug, and one is made".to_owned()
            } else {
                format!("there are {}; a slug that is new makes one", known.join(", "))
            };
            Err(Failure::usage(format!("there is no project `{id}`")).hint(hint))
        }
        Err(failure) => Err(failure),
    }
}

async fn by_slug(target: &Target, slug: &str) -> Result<Destination, Failure> {
    let query = Query { filters: vec![("slug".into(), slug.into())], ..Query::default() };
    let found = target.view(&ViewCall { query, ..ViewCall::of("projects") }).await?;
    let own = project_id(slug);
    // The one that importing made is made again, which repeats its commit and changes nothing.
    let other = found.rows.iter().find_map(|row| row.key.parse::<ProjectId>().ok().filter(|id| *id != own));
    let made = found.rows.iter().any(|row| row.key == own.to_string());
    Ok(match other {
        Some(id) if !made => Destination::Existing(id),
        _ => Destination::Slug(slug.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use domain::{Actor, Command};
    use engine::{Engine, Envelope};
    use journal::Options;

    use super::*;

    async fn with_project(id: ProjectId, slug: &str) -> Target {
        let engine = Engine::memory(Options::default()).unwrap();
        let body = format!(r#"{{"slug":"{slug}","name":"{slug}"}}"#);
        let stream = domain::StreamId::from(id);
        let command = Command::parse(stream.category, "create", body.as_bytes()).unwrap();
        engine.execute(Envelope::new(stream, command, Actor::Operator)).await.unwrap();
        Target::Folder(engine)
    }

    #[tokio::test]
    async fn a_slug_finds_its_project_and_a_new_one_makes_one() {
        let id: ProjectId = engine::new_ulid().into();
        let target = with_project(id, "demo").await;
        assert_eq!(find(&target, "demo").await.unwrap(), Destination::Existing(id));
        assert_eq!(find(&target, "other").await.unwrap(), Destination::Slug("other".into()));
    }

    #[tokio::test]
    async fn the_project_that_importing_made_is_made_again() {
        let target = with_project(project_id("demo"), "demo").await;
        assert_eq!(find(&target, "demo").await.unwrap(), Destination::Slug("demo".into()));
    }

    #[tokio::test]
    async fn an_id_must_exist() {
        let id: ProjectId = engine::new_ulid().into();
        let target = with_project(id, "demo").await;
        assert_eq!(find(&target, &id.to_string()).await.unwrap(), Destination::Existing(id));
        assert_eq!(find(&target, &format!("project-{id}")).await.unwrap(), Destination::Existing(id));
        let other: ProjectId = engine::new_ulid().into();
        let failure = find(&target, &other.to_string()).await.unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.hint.unwrap().contains(&id.to_string()));
    }
}
