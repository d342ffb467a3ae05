//! The doors that others left open, by their ids in SECURITY: S01 to S04, S09 and T45.

use super::*;

const POSTS: [&str; 4] = ["/v1/auth/login", "/v1/auth/password", "/v1/auth/setup", "/v1/run/ID/cancel"];

fn places() -> Vec<(&'static str, String)> {
    let run = of(OWN, 1);
    let fill = |path: &str| {
        path.replace("{aggregate}", "run")
            .replace("{command}", "cancel")
            .replace("{name}", "runs")
            .replace("{id}", &run)
            .replace("{run}", &run)
            .replace("{*key}", &run)
            .replace("{*path}", "0/000")
            .replace("{sha256}", "0")
            .replace("{file}", "style.css")
    };
    routes().into_iter().map(|(method, path, ..)| (method, fill(path))).collect()
}

fn by_operator(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
}

/// Sends a request with these hosts, in place of the server's own.
async fn at_host(house: &House, request: http::request::Builder, hosts: &[&str]) -> Response {
    let mut request = request.body(Body::empty()).expect("a request");
    for host in hosts {
        request.headers_mut().append(header::HOST, host.parse().expect("a header's value"));
    }
    direct::answer(&house.app, house.router.clone(), request).await
}

#[tokio::test]
async fn s01_a_name_that_was_rebound_or_a_page_elsewhere_gets_nothing_with_any_token() {
    let house = House::furnished().await;
    let head = house.app.engine.journal().watermark();
    for (method, path) in places() {
        for hosts in [&["rebound.example"][..], &["rebound.example", HOST], &[HOST, "rebound.example"], &[]] {
            let answer = at_host(&house, by_operator(method, &path), hosts).await;
            assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST, "{method} {path} {hosts:?}");
        }
        let foreign = ["http://evil.example", "null", "", "http://waybill.example.evil.example", "file://"];
        for origin in
            foreign.into_iter().chain(["http://evil.example@waybill.example", "ws://waybill.example"])
        {
            let request = by_operator(method, &path).header(header::ORIGIN, origin);
            let answer = at_host(&house, request, &[HOST]).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{method} {path} {origin}");
        }
        let own = format!("http://{HOST}");
        let two = by_operator(method, &path)
            .header(header::ORIGIN, &own)
            .header(header::ORIGIN, "http://evil.example");
        assert_eq!(at_host(&house, two, &[HOST]).await.status(), StatusCode::FORBIDDEN, "{method} {path}");
    }
    assert_eq!(house.app.engine.journal().watermark(), head);
}

#[tokio::test]
async fn s02_no_answer_opens_the_door_to_other_pages() {
    let house = House::furnished().await;
    for (method, path) in places() {
        // These have no end, or need a connection of their own.
        let open = ["/v1/events/live", "/v1/ws"].contains(&path.as_str());
        for method in [method, "OPTIONS"] {
            let own = format!("http://{HOST}");
            let request = Request::builder().method(method).uri(&path).header(header::ORIGIN, own);
            let request = request.header("access-control-request-method", "POST");
            let answer = at_host(&house, request, &[HOST]).await;
            let loud = answer.headers().keys().find(|name| name.as_str().starts_with("access-control-"));
            assert_eq!(loud, None, "{method} {path}");
            assert!(method != "OPTIONS" || !answer.status().is_success(), "{path}");
            assert!(
                open || answer.headers().contains_key(header::CONTENT_SECURITY_POLICY),
                "{method} {path}"
            );
        }
    }
}

#[test]
fn s03_every_route_says_what_it_demands_and_what_is_open_is_listed() {
    let open: Vec<_> =
        routes().into_iter().filter(|route| route.2 == Need::Open).map(|route| route.1).collect();
    assert_eq!(
        open,
        [
            "/",
            "/docs",
            "/setup",
            "/assets/{file}",
            "/openapi.json",
            "/asyncapi.json",
            "/livez",
            "/v1/ws",
            "/v1/auth/login",
            "/v1/auth/setup",
        ],
        "whoever opens a route says so here"
    );
}

#[tokio::test]
async fn s04_what_is_no_json_by_its_type_is_not_read_as_json() {
    let house = House::furnished().await;
    let head = house.app.engine.journal().watermark();
    for path in POSTS {
        let path = path.replace("ID", &of(OWN, 1));
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonp",
            "application/x-ndjson",
            "text/json",
        ] {
            let request = Request::builder().method("POST").uri(&path).header(header::CONTENT_TYPE, kind);
            let token = &house.tokens["owner"];
            let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
            let answer = house.send(request, "{}").await;
            assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path} {kind}");
        }
    }
    assert_eq!(house.app.engine.journal().watermark(), head);
}

#[tokio::test]
async fn s09_a_host_is_one_of_ours_letter_by_letter() {
    let house = House::new(None);
    let status = async |host: &str| {
        let request = Request::builder().uri("/livez");
        at_host(&house, request, &[host]).await.status()
    };
    for own in [HOST, "WAYBILL.example"] {
        assert_eq!(status(own).await, StatusCode::OK, "{own}");
    }
    for other in [
        "",
        "waybill.example.",
        "waybill.example:80",
        "waybill.example:",
        " waybill.example",
        "waybill.example evil.example",
        "waybill.example,evil.example",
        "evil.example@waybill.example",
        "waybill.example@evil.example",
        "waybill.example#evil.example",
        "waybill.example/evil.example",
        "http://waybill.example",
        "xn--waybill-.example",
        "waybi11.example",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "[::]",
        "localhost",
    ] {
        assert_eq!(status(other).await, StatusCode::MISDIRECTED_REQUEST, "{other:?}");
    }
}

#[tokio::test]
async fn t45_bodies_that_are_meant_to_hurt_are_refused_and_change_nothing() {
    let house = House::furnished().await;
    let head = house.app.engine.journal().watermark();
    let path = format!("/v1/project/{}/set-claude-md", ulid(OWN));
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let keys: String = (0..120_000).map(|n| format!("\"k{n}\":0,")).collect();
    let bodies: Vec<Vec<u8>> = vec![
        nested("[", "]").into_bytes(),
        format!("{{\"content\":{}}}", nested("[", "]")).into_bytes(),
        nested("{\"content\":", "}").into_bytes(),
        format!("{{{keys}\"content\":\"x\"}}").into_bytes(),
        br#"{"content":"a","content":"b"}"#.to_vec(),
        br#"{"content":NaN}"#.to_vec(),
        br#"{"content":1e999999}"#.to_vec(),
        br#"{"content":"\ud800"}"#.to_vec(),
        b"{\"content\":\"\xc0\xaf\"}".to_vec(),
        b"{\"content\":\"a\x00b\"}".to_vec(),
        b"\xef\xbb\xbf{\"content\":\"a\"}".to_vec(),
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec(),
        br#"["x"]"#.to_vec(),
        br#"{"content":"a"}{"content":"b"}"#.to_vec(),
    ];
    for (n, body) in bodies.into_iter().enumerate() {
        let request = by_operator("POST", &path).header(header::HOST, HOST);
        let request =
            request.header(header::CONTENT_TYPE, "application/json").header("content-encoding", "gzip");
        let request = request.body(Body::from(body)).expect("a request");
        let answer = direct::answer(&house.app, house.router.clone(), request).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "body {n}");
    }
    assert_eq!(house.app.engine.journal().watermark(), head);
}
