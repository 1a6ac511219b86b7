use actix_web::App;
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use caudal_platform::config::Flags;
use diesel::connection::SimpleConnection;

use super::*;
use crate::accounts::{self, Role, SessionToken};

const PASSWORD: &str = "correct horse battery";

/// A new installation in its own folder.
fn installation(public_url: &str) -> (tempfile::TempDir, web::Data<Pages>) {
    let folder = tempfile::tempdir().unwrap();
    let flags = Flags::from([
        ("CAUDAL_DATA_DIR", folder.path().display().to_string()),
        ("CAUDAL_PUBLIC_URL", public_url.to_owned()),
        ("CAUDAL_LANGUAGE", "en".to_owned()),
    ]);
    let config = Config::load(&flags).unwrap();
    let database = Database::open(&config.distrib_database, 4).unwrap();
    crate::migrate(&database).unwrap();
    let secrets = Secrets::load_or_create(&config.data_dir).unwrap();
    (folder, web::Data::new(Pages::new(Arc::new(config), database, secrets)))
}

fn with_ana(public_url: &str) -> (tempfile::TempDir, web::Data<Pages>) {
    let (folder, pages) = installation(public_url);
    accounts::add_user(&mut pages.database.get().unwrap(), "ana", PASSWORD, Role::Admin).unwrap();
    (folder, pages)
}

/// The pages that the tests request, with the same middleware as in the binary.
macro_rules! site {
    ($pages:expr) => {
        init_service(
            App::new().app_data($pages.clone()).service(
                web::scope("")
                    .wrap(from_fn(csrf::same_origin))
                    .wrap(from_fn(error_pages))
                    .service(web::resource("/setup").get(setup::form).post(setup::create))
                    .service(web::resource("/login").get(login::form).post(login::sign_in))
                    .service(web::resource("/logout").post(login::sign_out))
                    .service(web::resource("/").get(overview::show))
                    .service(web::resource("/sales").get(sales::show))
                    .service(web::resource("/sales/report.csv").get(reports::csv))
                    .service(web::resource("/sales/report.xlsx").get(reports::xlsx))
                    .service(web::resource("/sales/report.pdf").get(reports::pdf))
                    .service(web::resource("/dead-letters/{id}/retry").post(dead_letters::retry))
                    .default_service(web::to(not_found)),
            ),
        )
        .await
    };
}

/// The parts of a response that a browser keeps.
struct Answer {
    status: StatusCode,
    location: Option<String>,
    cookies: Vec<Cookie<'static>>,
    body: String,
}

impl Answer {
    /// The token of the last form. The form in the page head comes first.
    fn csrf(&self) -> String {
        let form = self.body.rsplit("name=\"csrf\" value=\"").next().unwrap();
        form.split('"').next().unwrap().to_owned()
    }

    fn cookie(&self, name: &str) -> Cookie<'static> {
        self.cookies.iter().find(|cookie| cookie.name() == name).unwrap().clone()
    }
}

macro_rules! ask {
    ($site:expr, $request:expr) => {{
        let response = call_service(&$site, $request.to_request()).await;
        let status = response.status();
        let location = response.headers().get(LOCATION).map(|value| value.to_str().unwrap().to_owned());
        let cookies = response.response().cookies().map(Cookie::into_owned).collect();
        let body = String::from_utf8(read_body(response).await.to_vec()).unwrap();
        Answer { status, location, cookies, body }
    }};
}

macro_rules! log_in {
    ($site:expr, $cookie:expr) => {
        log_in!($site, $cookie, "ana")
    };
    ($site:expr, $cookie:expr, $name:expr) => {{
        let form = ask!($site, TestRequest::get().uri("/login?next=/sales"));
        let visit = form.cookies[0].clone();
        let fields =
            [("csrf", form.csrf()), ("name", $name.into()), ("password", PASSWORD.into()), ("next", "/sales".into())];
        let answer = ask!($site, TestRequest::post().uri("/login").cookie(visit).set_form(fields));
        assert_eq!((answer.status, answer.location.as_deref()), (StatusCode::SEE_OTHER, Some("/sales")));
        answer.cookie($cookie)
    }};
}

#[actix_web::test]
async fn a_page_without_a_session_leads_to_the_login_and_back() {
    let (_folder, pages) = with_ana("http://127.0.0.1:8000");
    let site = site!(pages);
    let answer = ask!(site, TestRequest::get().uri("/sales?q=a"));
    assert_eq!(
        (answer.status, answer.location.as_deref()),
        (StatusCode::SEE_OTHER, Some("/login?next=%2Fsales%3Fq%3Da"))
    );
    let made_up = Cookie::new("caudal_session", "0".repeat(64));
    assert_eq!(ask!(site, TestRequest::get().uri("/sales").cookie(made_up)).status, StatusCode::SEE_OTHER);
}

#[actix_web::test]
async fn a_session_lasts_from_the_login_to_the_logout() {
    let (_folder, pages) = with_ana("http://127.0.0.1:8000");
    let site = site!(pages);
    let session = log_in!(site, "caudal_session");
    let page = ask!(site, TestRequest::get().uri("/sales").cookie(session.clone()));
    assert_eq!(page.status, StatusCode::OK);
    let logout = TestRequest::post().uri("/logout").cookie(session.clone()).set_form([("csrf", page.csrf())]);
    assert_eq!(ask!(site, logout).status, StatusCode::SEE_OTHER);
    assert_eq!(ask!(site, TestRequest::get().uri("/sales").cookie(session)).status, StatusCode::SEE_OTHER);
}

#[actix_web::test]
async fn the_session_cookie_is_out_of_reach_of_scripts_and_bound_to_tls() {
    let (_folder, pages) = with_ana("https://vendas.example");
    let site = site!(pages);
    let cookie = log_in!(site, "__Host-caudal_session");
    assert_eq!(cookie.http_only(), Some(true));
    assert_eq!(cookie.secure(), Some(true));
    assert_eq!(cookie.same_site(), Some(actix_web::cookie::SameSite::Lax));
    assert_eq!((cookie.path(), cookie.domain()), (Some("/"), None));
}

#[actix_web::test]
async fn a_form_that_is_not_ours_changes_nothing() {
    let (_folder, pages) = with_ana("http://127.0.0.1:8000");
    let site = site!(pages);
    let form = ask!(site, TestRequest::get().uri("/login"));
    let fields = |csrf: String| [("csrf", csrf), ("name", "ana".to_owned()), ("password", PASSWORD.to_owned())];
    let without_cookie = TestRequest::post().uri("/login").set_form(fields(form.csrf()));
    assert_eq!(ask!(site, without_cookie).status, StatusCode::FORBIDDEN);
    let from_elsewhere = TestRequest::post()
        .uri("/login")
        .cookie(form.cookies[0].clone())
        .insert_header(("sec-fetch-site", "cross-site"))
        .set_form(fields(form.csrf()));
    let answer = ask!(site, from_elsewhere);
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("The form has expired or came from elsewhere"), "{}", answer.body);

    let session = log_in!(site, "caudal_session");
    let before_the_login = TestRequest::post().uri("/logout").cookie(session.clone()).set_form([("csrf", form.csrf())]);
    assert_eq!(ask!(site, before_the_login).status, StatusCode::FORBIDDEN);
    assert_eq!(ask!(site, TestRequest::get().uri("/sales").cookie(session)).status, StatusCode::OK, "still signed in");
}

#[actix_web::test]
async fn only_an_admin_with_a_good_token_and_a_readable_form_changes_something() {
    let (_folder, pages) = with_ana("http://127.0.0.1:8000");
    let db = || pages.database.get().unwrap();
    accounts::add_user(&mut db(), "bob", PASSWORD, Role::Reader).unwrap();
    db().batch_execute(
        "INSERT INTO failed_messages (id, message_id, payload, attempts, reason, first_failed_at, last_failed_at)
         VALUES (1, 'm', x'00', 9, 'r', '2026-11-22 12:00:00', '2026-11-22 12:00:00');",
    )
    .unwrap();
    let is_due = || crate::view::dead_letters::find(&mut db(), 1).unwrap().is_some_and(|message| !message.is_dead());
    let site = site!(pages);
    let (ana, bob) = (log_in!(site, "caudal_session"), log_in!(site, "caudal_session", "bob"));
    let token = |cookie: &Cookie<'static>| {
        csrf::token(
            &pages.secrets.csrf_key,
            csrf::Bond::Session(&SessionToken::parse(cookie.value()).unwrap().reveal()),
        )
    };
    let post = |id: &str, cookie: &Cookie<'static>, fields: &[(&str, &str)]| {
        let uri = format!("/dead-letters/{id}/retry");
        TestRequest::post().uri(&uri).cookie(cookie.clone()).set_form(fields)
    };
    let (of_ana, of_bob) = (token(&ana), token(&bob));
    let good = [("csrf", of_ana.as_str())];
    let not_a_form =
        TestRequest::post().uri("/dead-letters/1/retry").cookie(ana.clone()).set_payload(format!("csrf={of_ana}"));
    let nobody = TestRequest::post().uri("/dead-letters/1/retry").set_form(good);
    for (case, request, status) in [
        ("no token", post("1", &ana, &[]), StatusCode::BAD_REQUEST),
        ("an invented token", post("1", &ana, &[("csrf", "forged")]), StatusCode::FORBIDDEN),
        ("the token of another session", post("1", &ana, &[("csrf", &of_bob)]), StatusCode::FORBIDDEN),
        ("no admin", post("1", &bob, &[("csrf", &of_bob)]), StatusCode::FORBIDDEN),
        ("no form", not_a_form, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("no number", post("one", &ana, &good), StatusCode::NOT_FOUND),
        ("no session", nobody, StatusCode::SEE_OTHER),
    ] {
        let answer = ask!(site, request);
        assert_eq!(answer.status, status, "{case}");
        assert_ne!(answer.location.as_deref(), Some("/dead-letters"), "{case}");
        assert!(!is_due(), "{case}");
    }
    let answer = ask!(site, post("1", &ana, &good));
    assert_eq!((answer.status, answer.location.as_deref()), (StatusCode::SEE_OTHER, Some("/dead-letters")));
    assert!(is_due());
}

#[actix_web::test]
async fn a_wrong_password_shows_the_form_again_without_saying_what_was_wrong() {
    let (_folder, pages) = with_ana("http://127.0.0.1:8000");
    let site = site!(pages);
    let form = ask!(site, TestRequest::get().uri("/login"));
    for name in ["ana", "nobody"] {
        let fields = [("csrf", form.csrf()), ("name", name.into()), ("password", "not the password".into())];
        let answer = ask!(site, TestRequest::post().uri("/login").cookie(form.cookies[0].clone()).set_form(fields));
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.body.contains("The user name or the password is wrong."));
    }
}

#[actix_web::test]
async fn the_setup_link_makes_one_admin_and_then_leads_nowhere() {
    let (folder, pages) = installation("http://127.0.0.1:8000");
    let site = site!(pages);
    let link = crate::setup::setup_link(&pages.config, &mut pages.database.get().unwrap()).unwrap().unwrap();
    let uri = link.strip_prefix("http://127.0.0.1:8000").unwrap();
    assert_eq!(ask!(site, TestRequest::get().uri("/setup?token=guessed")).status, StatusCode::FORBIDDEN);

    let form = ask!(site, TestRequest::get().uri(uri));
    assert_eq!(form.status, StatusCode::OK);
    let token = uri.split_once('=').unwrap().1;
    let fields = |token: &str, password: &str, repeated: &str| {
        let pairs = [("csrf", form.csrf()), ("token", token.to_owned()), ("name", "Carla".to_owned())];
        pairs
            .into_iter()
            .chain([("password", password.to_owned()), ("repeated", repeated.to_owned())])
            .collect::<Vec<_>>()
    };
    let post = |fields| TestRequest::post().uri("/setup").cookie(form.cookies[0].clone()).set_form(fields);
    assert_eq!(ask!(site, post(fields("guessed", PASSWORD, PASSWORD))).status, StatusCode::FORBIDDEN);
    assert_eq!(ask!(site, post(fields(token, "short", "short"))).status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(ask!(site, post(fields(token, PASSWORD, "another password"))).status, StatusCode::UNPROCESSABLE_ENTITY);

    let done = ask!(site, post(fields(token, PASSWORD, PASSWORD)));
    assert_eq!((done.status, done.location.as_deref()), (StatusCode::SEE_OTHER, Some("/")));
    let overview = ask!(site, TestRequest::get().uri("/").cookie(done.cookie("caudal_session")));
    assert!(overview.body.contains("No sales yet"), "{}", overview.body);
    assert!(!folder.path().join("secrets/setup.token").exists());

    assert_eq!(ask!(site, TestRequest::get().uri(uri)).status, StatusCode::NOT_FOUND);
    assert_eq!(ask!(site, post(fields(token, PASSWORD, PASSWORD))).status, StatusCode::NOT_FOUND);
    assert_eq!(crate::setup::setup_link(&pages.config, &mut pages.database.get().unwrap()).unwrap(), None);
}

#[actix_web::test]
async fn a_failure_inside_is_a_page_that_does_not_tell_its_cause() {
    let (_folder, pages) = with_ana("http://127.0.0.1:8000");
    let site = site!(pages);
    let session = log_in!(site, "caudal_session");
    pages.database.get().unwrap().batch_execute("DROP TABLE monthly_products").unwrap();
    let answer = ask!(site, TestRequest::get().uri("/").cookie(session));
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.body.contains("An error occurred in Caudal"), "{}", answer.body);
    assert!(!answer.body.contains("monthly_products"), "{}", answer.body);
    assert!(ask!(site, TestRequest::get().uri("/nothing")).body.contains("This page does not exist"));
}

#[actix_web::test]
async fn wrong_days_are_left_out_of_the_list_and_refused_for_a_report() {
    let (_folder, pages) = with_ana("http://127.0.0.1:8000");
    let site = site!(pages);
    let session = log_in!(site, "caudal_session");
    for (query, sentence) in [
        ("?from=2026-02-30", "One of the dates does not exist."),
        ("?from=2026-12-31&to=2026-01-01", "The end of the period is before its start."),
    ] {
        let list = ask!(site, TestRequest::get().uri(&format!("/sales{query}")).cookie(session.clone()));
        assert_eq!(list.status, StatusCode::OK);
        assert!(list.body.contains(&format!("{sentence} The period was not applied.")), "{}", list.body);
        for format in ["csv", "xlsx", "pdf"] {
            let uri = format!("/sales/report.{format}{query}");
            let report = ask!(site, TestRequest::get().uri(&uri).cookie(session.clone()));
            assert_eq!(report.status, StatusCode::BAD_REQUEST, "{uri}");
            assert!(
                report.body.contains(&format!("{sentence} Correct the dates in the sales list.")),
                "{}",
                report.body
            );
            assert!(report.body.contains("href=\"/sales\""), "{}", report.body);
        }
    }
}

#[actix_web::test]
async fn what_a_sheet_says_cannot_become_code_on_a_page() {
    let (_folder, pages) = with_ana("http://127.0.0.1:8000");
    let site = site!(pages);
    let session = log_in!(site, "caudal_session");
    let hostile = "<script>alert(1)</script>";
    pages
        .database
        .get()
        .unwrap()
        .batch_execute(&format!(
            "INSERT INTO imports (id, uuid, source, first_seen_at, name) VALUES (1, 'u', '', '2026-11-01 12:00:00', '{hostile}');
             INSERT INTO products (id, identity, name, search_name, sku) VALUES (1, 'n', '{hostile}', 'x', '{hostile}');
             INSERT INTO customers (id, identity, name, search_name) VALUES (1, 'n', '{hostile}', 'x');
             INSERT INTO sales (sale_key, fingerprint, import_id, sheet, row, order_id, sold_at, sold_on, sold_time, customer_id, product_id, quantity, amount)
                VALUES (x'01', x'01', 1, '{hostile}', 1, '{hostile}', '2026-11-01 12:00:00', '2026-11-01', 'exact', 1, 1, 10000, 100);"
        ))
        .unwrap();
    let address = "/sales?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&customer=1";
    for uri in ["/sales", "/sales?customer=1&import=1", address] {
        let page = ask!(site, TestRequest::get().uri(uri).cookie(session.clone()));
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("&#60;script"), "{uri}");
        assert!(!page.body.contains("<script>"), "{uri}");
    }
}
