//! Files that are only rehearsed: every step runs, nothing is stored, and a workbook reports the effects.

use std::path::Path;

use caudal_contract::language::Language;
use caudal_contract::rehearsal::{Effects, PATH, Question};
use caudal_platform::internal::PeerError;

use super::filing::place;
use super::side_file::SideFile;
use super::{Intake, IntakeError, Rehearsal};
use crate::originals::{self, Original, ReadError};
use crate::staging::{self, Rehearsed};
use caudal_reading::rehearsal_workbook;

impl Intake {
    /// Rehearses a file of the inbox and files it with a report of its effects beside it.
    ///
    /// # Errors
    /// [`IntakeError`]: the file stays in its place and may be tried again.
    pub fn take_rehearsal(&self, path: &Path, source: &str) -> Result<(), IntakeError> {
        let language = self.config.language;
        let rehearsal = self.rehearse(path, source)?;
        let original = match originals::read(path, self.config.max_file_bytes) {
            Ok(original) => original,
            Err(ReadError::TooLarge { .. }) => {
                Original::named(path, originals::hash_of(path).map_err(|reason| unread(path, reason))?)
            }
            Err(error) => return Err(error.into()),
        };
        let arrival = self.arrival(source, &original.name, &original.sha256);
        let to = self.config.data_dir.join(place("rehearsed", &arrival));
        let (side_file, bytes) = match rehearsal {
            Rehearsal::Taken { batch, accepted, sales, cancellations } => {
                let effects = self.effects(&Question { source: source.to_owned(), sales, cancellations })?;
                let workbook = rehearsal_workbook::workbook(
                    &original.name,
                    &batch,
                    &accepted,
                    &effects,
                    language,
                    self.config.time_zone,
                );
                let workbook = workbook.map_err(|error| IntakeError::Workbook(error.to_string()))?;
                (SideFile::Effects, workbook)
            }
            other => (SideFile::Reason, sentence(&other, language).into_bytes()),
        };
        side_file.write(&to, language, &bytes)?;
        originals::file_away(path, &to).map_err(|reason| IntakeError::Move { path: path.to_owned(), reason })?;
        tracing::info!(file = original.name, "a file was rehearsed; nothing was stored");
        Ok(())
    }

    /// Asks the distrib service for the effects that storing the sales would have.
    fn effects(&self, question: &Question) -> Result<Effects, IntakeError> {
        let (status, bytes) = self.distrib.post("ingest", PATH, question)?;
        let away = |reason: String| PeerError { url: self.distrib.address(PATH), reason };
        if status != 200 {
            return Err(away(format!("status {status}")).into());
        }
        serde_json::from_slice(&bytes).map_err(|error| away(error.to_string()).into())
    }

    /// The sales and cancellations of a batch in the form in which they would be handed over, and the remarks about them.
    pub(super) fn rehearsed_sales(
        &self,
        original: &Original,
        source: &str,
        batch: &caudal_reading::batch::Batch,
    ) -> Result<Rehearsed, IntakeError> {
        let arrival = self.arrival(source, &original.name, &original.sha256);
        Ok(staging::rehearse(&mut *self.database.get()?, &arrival, batch)?)
    }
}

pub(super) fn unread(path: &Path, reason: std::io::Error) -> ReadError {
    ReadError::Io { path: path.to_owned(), reason }
}

/// The reason for which there is no workbook of effects.
fn sentence(rehearsal: &Rehearsal, language: Language) -> String {
    match (rehearsal, language) {
        (Rehearsal::Refused(refusal), _) => format!("{}\n", refusal.sentence(language)),
        (Rehearsal::NeedsLayout(reason), _) => format!("{}\n", reason.sentence(language)),
        (Rehearsal::AlreadyImported(before), Language::Portuguese) => {
            format!("O mesmo arquivo já foi importado como \"{}\" ({}).\n", before.name, before.id)
        }
        (Rehearsal::AlreadyImported(before), Language::English) => {
            format!("The same file was imported before as \"{}\" ({}).\n", before.name, before.id)
        }
        (Rehearsal::Mending { import_id, sales, rejected, ignored }, Language::Portuguese) => format!(
            "Este arquivo de correção acrescentaria à importação {import_id}: {sales} vendas, {rejected} linhas ainda rejeitadas, {ignored} linhas que não são vendas.\n"
        ),
        (Rehearsal::Mending { import_id, sales, rejected, ignored }, Language::English) => format!(
            "This repair workbook would add to import {import_id}: {sales} sales, {rejected} rows still rejected, {ignored} rows that are not sales.\n"
        ),
        (Rehearsal::Taken { .. }, _) => String::new(),
    }
}
