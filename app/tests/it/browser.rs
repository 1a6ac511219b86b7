//! A browser without JavaScript.

use serde_json::Value;

use crate::installation::{Installation, PASSWORD, Service};

/// A browser that keeps cookies, follows no redirects by itself, and fills in the forms that it is shown.
pub struct Browser {
    agent: ureq::Agent,
    url: String,
}

pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

impl Browser {
    pub fn new(service: &Service) -> Self {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
        Self { agent, url: service.url.clone() }
    }

    pub fn get(&self, path: &str) -> Answer {
        let answer = self.agent.get(format!("{}{path}", self.url)).header("Accept-Language", "pt-BR").call().unwrap();
        read(answer)
    }

    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.agent.post(format!("{}{path}", self.url)).header("Origin", &self.url);
        read(request.send_form(form.iter().copied()).unwrap())
    }

    /// The hidden CSRF token of the form on a page.
    pub fn csrf(&self, path: &str) -> String {
        let text = self.get(path).text();
        let (_, rest) = text.split_once("name=\"csrf\" value=\"").expect("a form with a token");
        rest.split('"').next().unwrap().to_owned()
    }

    /// Signs in as an existing user.
    pub fn signed_in(service: &Service, name: &str) -> Self {
        let browser = Self::new(service);
        let csrf = browser.csrf("/login");
        let form = [("csrf", csrf.as_str()), ("next", "/"), ("name", name), ("password", PASSWORD)];
        assert_eq!(browser.post("/login", &form).status, 303);
        browser
    }

    /// Uses the one-time link that the service printed.
    pub fn set_up(installation: &Installation, service: &Service) -> Self {
        let browser = Self::new(service);
        let path = setup_path(installation);
        let token = path.split_once('=').unwrap().1.to_owned();
        let csrf = browser.csrf(&path);
        let form = [
            ("csrf", csrf.as_str()),
            ("token", &token),
            ("name", "ana"),
            ("password", PASSWORD),
            ("repeated", PASSWORD),
        ];
        let answer = browser.post("/setup", &form);
        assert_eq!(answer.status, 303, "{}", answer.text());
        browser
    }
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> Answer {
    let bytes = answer.body_mut().with_config().limit(1 << 26).read_to_vec().unwrap();
    Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), bytes }
}

pub fn setup_path(installation: &Installation) -> String {
    let log = std::fs::read_to_string(installation.desk("service.log")).unwrap();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let link =
        lines.filter_map(|line| line["setup_link"].as_str().map(str::to_owned)).next_back().expect("a setup link");
    link[link.find("/setup").unwrap()..].to_owned()
}
