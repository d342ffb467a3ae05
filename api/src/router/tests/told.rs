//! What the log holds of access itself.

use super::*;

/// Rows of the view `access` that the operator sees, as kind, actor and what.
async fn rows(house: &House) -> Vec<(String, String, String)> {
    house.app.engine.caught_up().await;
    let answer = house.ask(&Shows::Bearer(TOKEN), "GET", "/v1/views/access", "").await;
    let answer: Value = serde_json::from_str(&answer.text).expect("JSON");
    let text = |row: &Value, field: &str| row["row"][field].as_str().unwrap_or_default().to_owned();
    let rows = answer["rows"].as_array().expect("rows");
    rows.iter()
        .map(|row| {
            let what = [text(row, "what"), text(row, "reason")].join(" ");
            (text(row, "kind"), text(row, "actor"), what.trim().to_owned())
        })
        .collect()
}

fn row(kind: &str, actor: &str, what: &str) -> (String, String, String) {
    (kind.to_owned(), actor.to_owned(), what.to_owned())
}

#[tokio::test]
async fn whoever_is_turned_away_is_told_of_and_not_a_hundred_times() {
    let house = House::furnished().await;
    let member = Shows::Bearer(&house.tokens["member"]);
    let settings = format!("/v1/project/{}/set-claude-md", ulid(OWN));
    let foreign = format!("/v1/views/run-timeline/{}", of(FOREIGN, 1));
    for _ in 0..100 {
        let _ = house.ask(&member, "POST", &settings, r#"{"content":"x"}"#).await;
        let _ = house.ask(&member, "GET", &foreign, "").await;
        let _ = house.ask(&Shows::Bearer("wb_x"), "GET", "/v1/views/runs", "").await;
        let _ = house.ask(&Shows::Nothing, "GET", "/v1/views/runs?secret=1", "").await;
        let _ = house
            .ask(&Shows::Bearer(TOKEN), "GET", &format!("/v1/views/run-timeline/{}", of(9, 1)), "")
            .await;
    }
    let user = format!("user-{}", of(OWN, 4));
    assert_eq!(
        rows(&house).await,
        [
            row("denied", &user, &format!("POST {settings} forbidden")),
            row("denied", &user, &format!("GET {foreign} hidden")),
            row("denied", "system", "GET /v1/views/runs unknown"),
        ]
    );
    // Who is of the project is not told of others' attempts.
    let owner = house.ask(&Shows::Bearer(&house.tokens["owner"]), "GET", "/v1/views/access", "").await;
    assert!(owner.text.contains("\"rows\":[]"), "{}", owner.text);
}

#[tokio::test]
async fn logins_are_told_of_and_wrong_passwords_too() {
    let house = House::furnished().await;
    let user = of(OWN, 2);
    let hash = hash_password(PASSWORD).expect("it is long enough");
    house.give(&format!("user-{user}"), "set-password", json!({ "password_hash": hash })).await;
    let login = |password: &str| json!({ "email": "owner@example.org", "password": password }).to_string();
    let _ = house.ask(&Shows::Nothing, "POST", "/v1/auth/login", &login("wrong horse battery")).await;
    let done = house.ask(&Shows::Nothing, "POST", "/v1/auth/login", &login(PASSWORD)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let told = rows(&house).await;
    assert_eq!(
        told,
        [row("denied", "system", "POST /v1/auth/login password"), row("login", &format!("user-{user}"), "")]
    );
}

#[tokio::test]
async fn auditors_are_told_of_when_they_read_and_everybody_who_takes_evidence_out() {
    let house = House::furnished().await;
    let (timeline, evidence) =
        (format!("/v1/views/run-timeline/{}", of(OWN, 1)), format!("/v1/log/evidence/{}", of(OWN, 1)));
    for who in ["auditor", "member", "owner"] {
        let shows = Shows::Bearer(&house.tokens[who]);
        for path in [
            timeline.as_str(),
            &timeline,
            "/v1/events?limit=1",
            "/v1/events?limit=2",
            "/v1/views/runs",
            "/v1/views/runs?source=import",
            "/v1/views/runs/diff?from=0&to=1",
            "/v1/views/usage",
            "/v1/metrics/pass-rate",
            "/v1/search?q=secret",
            "/v1/export/usage",
        ] {
            let _ = house.ask(&shows, "GET", path, "").await;
        }
    }
    let taken = house.ask(&Shows::Bearer(&house.tokens["owner"]), "GET", &evidence, "").await;
    let (auditor, owner) = (format!("user-{}", of(OWN, 5)), format!("user-{}", of(OWN, 2)));
    let mut told: Vec<_> = rows(&house).await.into_iter().filter(|row| row.0 != "denied").collect();
    let read = ["run-timeline", "events", "runs", "usage", "metrics", "search"];
    let mut expected: Vec<_> = read.map(|what| row("read", &auditor, what)).into();
    expected.extend([row("export", &auditor, "usage"), row("export", &owner, "usage")]);
    if taken.status == StatusCode::OK {
        expected.push(row("export", &owner, "evidence"));
    }
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
    // The owner sees who looked in, and nothing of another project.
    let shown = house.ask(&Shows::Bearer(&house.tokens["owner"]), "GET", "/v1/views/access", "").await;
    assert!(shown.text.contains("run-timeline") && shown.text.contains(&auditor), "{}", shown.text);
}

#[tokio::test]
async fn a_page_that_is_opened_by_nobody_is_no_denial_and_a_wrong_credential_is() {
    let house = House::furnished().await;
    for _ in 0..3 {
        let answer = house.ask(&Shows::Nothing, "GET", "/v1/auth/me", "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(rows(&house).await, []);
    let answer = house.ask(&Shows::Cookie("wbp_x"), "GET", "/v1/auth/me", "").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(rows(&house).await, [row("denied", "system", "GET /v1/auth/me unknown")]);
}

#[tokio::test]
async fn whoever_is_in_a_project_sees_how_views_are_and_nobody_else_does() {
    let house = House::furnished().await;
    for who in ["member", "analyst", "views:read"] {
        let answer = house.ask(&Shows::Bearer(&house.tokens[who]), "GET", "/v1/health", "").await;
        let health: Value = serde_json::from_str(&answer.text).expect("JSON");
        assert_eq!(health["ready"], true, "{health}");
        let live = |view: &Value| view["state"] == "live" && view["position"] == health["log"]["head"];
        let views = health["views"].as_array().expect("views");
        assert!(views.len() > 5 && views.iter().all(live), "{health}");
        assert!(health.get("problems").is_none() && !answer.text.contains("reason"), "{health}");
    }
    let answer = house.ask(&Shows::Nothing, "GET", "/v1/health", "").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}
