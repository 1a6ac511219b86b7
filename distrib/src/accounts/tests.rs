use caudal_platform::database::Database;
use caudal_platform::testing::Backend;
use chrono::{DateTime, TimeDelta};

use super::*;

const PASSWORD: &str = "correct horse battery";

fn database() -> (Backend, Database) {
    let backend = Backend::new();
    let database = backend.database("distrib");
    crate::migrate(&database).unwrap();
    (backend, database)
}

fn noon() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

#[test]
fn a_user_logs_in_with_the_right_password_whatever_the_case_of_the_name() {
    let (_backend, database) = database();
    add_user(&mut database.get().unwrap(), " Ana ", PASSWORD, Role::Reader).unwrap();
    let user = LoginGate::default().authenticate(&database, "ANA", PASSWORD, noon()).unwrap();
    assert_eq!((user.name.as_str(), user.role), ("ana", Role::Reader));
}

#[test]
fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let (_backend, database) = database();
    add_user(&mut database.get().unwrap(), "ana", PASSWORD, Role::Reader).unwrap();
    let gate = LoginGate::default();
    for name in ["ana", "nobody"] {
        for attempt in 0..5 {
            let error = gate.authenticate(&database, name, "not the password", noon()).unwrap_err();
            assert!(matches!(error, LoginError::WrongCredentials), "{name}, attempt {attempt}: {error}");
        }
        let error = gate.authenticate(&database, name, "not the password", noon()).unwrap_err();
        assert!(matches!(error, LoginError::Wait(left) if left.as_secs() == 1), "{name}: {error}");
    }
}

#[test]
fn waiting_doubles_up_to_a_quarter_of_an_hour_and_a_right_password_ends_it() {
    let (_backend, database) = database();
    add_user(&mut database.get().unwrap(), "ana", PASSWORD, Role::Reader).unwrap();
    let gate = LoginGate::default();
    let mut now = noon();
    let mut waits = Vec::new();
    for _ in 0..17 {
        match gate.authenticate(&database, "ana", "not the password", now) {
            Err(LoginError::Wait(left)) => {
                // A password is not checked during the wait, so the attempt neither helps nor counts.
                assert!(matches!(gate.authenticate(&database, "ana", PASSWORD, now), Err(LoginError::Wait(_))));
                waits.push(left.as_secs());
                now += TimeDelta::from_std(left).unwrap();
                gate.authenticate(&database, "ana", "not the password", now).unwrap_err();
            }
            answer => assert!(matches!(answer, Err(LoginError::WrongCredentials))),
        }
    }
    now += TimeDelta::minutes(15);
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    assert!(gate.authenticate(&database, "ana", PASSWORD, now).is_ok());
    assert!(matches!(gate.authenticate(&database, "ana", "not the password", now), Err(LoginError::WrongCredentials)));
    assert!(gate.authenticate(&database, "ana", PASSWORD, now).is_ok(), "the count began anew");
}

#[test]
fn names_and_passwords_that_cannot_be_used_are_refused() {
    let (_backend, database) = database();
    let db = &mut *database.get().unwrap();
    add_user(db, "ana", PASSWORD, Role::Reader).unwrap();
    assert!(matches!(add_user(db, "Ana", PASSWORD, Role::Reader), Err(AccountError::NameTaken)));
    assert!(matches!(add_user(db, "  ", PASSWORD, Role::Reader), Err(AccountError::UnusableName)));
    assert!(matches!(add_user(db, "a\nb", PASSWORD, Role::Reader), Err(AccountError::UnusableName)));
    assert!(matches!(
        add_user(db, "rui", "too short", Role::Reader),
        Err(AccountError::Password(PasswordProblem::Length))
    ));
    assert!(matches!(set_password(db, "rui", PASSWORD), Err(AccountError::UnknownName)));
    assert_eq!(list_users(db).unwrap().len(), 1);
}

#[test]
fn a_session_ends_when_idle_when_old_and_at_logout() {
    let (_backend, database) = database();
    let db = &mut *database.get().unwrap();
    let ana = add_user(db, "ana", PASSWORD, Role::Reader).unwrap();

    let token = session::begin(db, ana.id, None, noon()).unwrap();
    let half_hour = noon() + TimeDelta::minutes(30);
    assert!(session::find(db, token.clone(), half_hour).unwrap().is_none(), "idle for 30 minutes");

    let token = session::begin(db, ana.id, None, noon()).unwrap();
    let mut now = noon();
    while now < noon() + TimeDelta::hours(12) {
        assert!(session::find(db, token.clone(), now).unwrap().is_some(), "in use at {now}");
        now += TimeDelta::minutes(20);
    }
    assert!(session::find(db, token, now).unwrap().is_none(), "twelve hours after the login");

    let token = session::begin(db, ana.id, None, noon()).unwrap();
    session::end(db, &token).unwrap();
    assert!(session::find(db, token, noon()).unwrap().is_none(), "after the logout");
}

#[test]
fn a_login_ends_the_session_that_the_browser_had() {
    let (_backend, database) = database();
    let db = &mut *database.get().unwrap();
    let ana = add_user(db, "ana", PASSWORD, Role::Reader).unwrap();
    let before = session::begin(db, ana.id, None, noon()).unwrap();
    let after = session::begin(db, ana.id, Some(&before), noon()).unwrap();
    assert!(session::find(db, before, noon()).unwrap().is_none());
    assert_eq!(session::find(db, after, noon()).unwrap().unwrap().user.name, "ana");
}

#[test]
fn a_new_password_ends_the_sessions_and_the_waiting() {
    let (_backend, database) = database();
    let db = &mut *database.get().unwrap();
    let ana = add_user(db, "ana", PASSWORD, Role::Reader).unwrap();
    let token = session::begin(db, ana.id, None, noon()).unwrap();
    let gate = LoginGate::default();
    for _ in 0..5 {
        gate.authenticate(&database, "ana", "not the password", noon()).unwrap_err();
    }
    set_password(db, "ana", "another good password").unwrap();
    assert!(session::find(db, token, noon()).unwrap().is_none());
    assert!(gate.authenticate(&database, "ana", "another good password", noon()).is_ok());
}

#[test]
fn the_database_holds_neither_passwords_nor_cookies() {
    let (_backend, database) = database();
    let db = &mut *database.get().unwrap();
    let ana = add_user(db, "ana", PASSWORD, Role::Reader).unwrap();
    let token = session::begin(db, ana.id, None, noon()).unwrap();
    let stored: String = sessions::table.select(sessions::token_hash).first(db).unwrap();
    assert_ne!(stored, token.reveal());
    let hash: String = users::table.select(users::password_hash).first(db).unwrap();
    assert!(!hash.contains(PASSWORD));
    assert_eq!(format!("{token:?}"), "SessionToken(…)");
}

#[test]
fn of_many_first_admins_at_once_one_is_made() {
    let (_backend, database) = database();
    let made = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|number| {
                let database = &database;
                scope.spawn(move || {
                    add_first_admin(&mut database.get().unwrap(), &format!("admin{number}"), PASSWORD).is_ok()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|made| *made).count()
    });
    assert_eq!(made, 1);
    let users = list_users(&mut database.get().unwrap()).unwrap();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].role, Role::Admin);
}

#[test]
fn wrong_passwords_at_once_all_count() {
    let (_backend, database) = database();
    add_user(&mut database.get().unwrap(), "ana", PASSWORD, Role::Reader).unwrap();
    let gate = LoginGate::default();
    std::thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| gate.authenticate(&database, "ana", "not the password", noon()).unwrap_err());
        }
    });
    let failed: i64 = users::table.select(users::failed_logins).first(&mut *database.get().unwrap()).unwrap();
    assert_eq!(failed, 5);
    assert!(matches!(gate.authenticate(&database, "ana", PASSWORD, noon()), Err(LoginError::Wait(_))));
}
