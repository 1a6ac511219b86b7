//! A browser on the Overview.

use crate::Failed;

/// A signed-in reader.
pub struct Reader {
    agent: ureq::Agent,
    url: String,
}

impl Reader {
    pub fn sign_in(url: &str, name: &str, password: &str) -> Result<Self, Failed> {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
        let reader = Self { agent, url: url.to_owned() };
        let form = reader.get("/login")?;
        let csrf = between(&form, "name=\"csrf\" value=\"", "\"").ok_or("the login page has no form")?;
        let request = reader.agent.post(format!("{url}/login")).header("Origin", url);
        let answer = request.send_form([("csrf", csrf), ("name", name), ("password", password)])?;
        if answer.status() == 303 { Ok(reader) } else { Err(format!("the login says {}", answer.status()).into()) }
    }

    /// The number of sales that the Overview shows in the twelve months of each of these years.
    pub fn sales_shown(&self, years: &[i32]) -> Result<u64, Failed> {
        let mut sales = 0;
        for year in years {
            let page = self.get(&format!("/?month={year}-12"))?;
            // Without the table there are no sales at all yet.
            let months =
                between(&page, "<table class=\"table table-sm\" id=\"months\">", "</table>").unwrap_or_default();
            for month in months.split("<th scope=\"row\">").skip(1) {
                let shown =
                    between(month, "<td class=\"text-end\">", "<").ok_or("a month without its number of sales")?;
                let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
                sales += digits.parse::<u64>()?;
            }
        }
        Ok(sales)
    }

    fn get(&self, path: &str) -> Result<String, Failed> {
        let mut answer = self.agent.get(format!("{}{path}", self.url)).call()?;
        if answer.status() != 200 {
            return Err(format!("{path} answers {}", answer.status()).into());
        }
        Ok(answer.body_mut().read_to_string()?)
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}
