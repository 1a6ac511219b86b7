//! A form that only an admin may send.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Pages;
use super::visitor::SignedIn;

/// A form that an admin sends. Every such form carries a CSRF token.
pub trait AdminForm: DeserializeOwned + 'static {
    /// The token, as it was sent.
    fn csrf(&self) -> &str;
}

/// The form of a button: it has no fields besides its token.
#[derive(Debug, Deserialize)]
pub struct Button {
    csrf: String,
}

impl AdminForm for Button {
    fn csrf(&self) -> &str {
        &self.csrf
    }
}

/// A form that an admin sent from one of our pages. As an argument of a handler it protects the change: the handler is not called
/// if nobody is signed in, if the form cannot be read, if its token belongs to another session, or if the user is not an admin.
#[derive(Debug)]
pub struct Admin<F = Button, Id = i64> {
    /// The admin.
    pub reader: SignedIn,
    /// The id in the path of the request. `()` if the path has no id.
    pub id: Id,
    /// The content of the form.
    pub form: F,
}

impl<F: AdminForm, Id: DeserializeOwned + 'static> FromRequest for Admin<F, Id> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        type Parts<F, Id> = (web::Data<Pages>, SignedIn, web::Path<Id>, web::Form<F>);
        let parts = Parts::<F, Id>::from_request(request, payload);
        Box::pin(async move {
            let (pages, reader, id, form) = parts.await?;
            reader.check(&pages, form.csrf())?;
            reader.must_be_admin()?;
            Ok(Self { reader, id: id.into_inner(), form: form.into_inner() })
        })
    }
}
