//! Password and second factor, asked for again before something that a thief of the session must not do.

use crate::ui::{Loaded, TextField, Value, place_errors};
use ::api::ErrorDetail;
use ::api::console::{Account, Confirmation};
use leptos::prelude::*;

/// What somebody types to prove that it is them.
#[derive(Clone, Copy)]
pub(super) struct Proof {
    password: Value,
    code: Value,
    has_totp: bool,
}

impl Proof {
    /// Nothing typed yet.
    pub(super) fn new(found: Loaded<Account>) -> Self {
        Self { password: Value::new(""), code: Value::new(""), has_totp: found.peek(|account| account.has_totp) }
    }

    /// Whether everything is typed; says so where it is not.
    pub(super) fn is_complete(self) -> bool {
        let complete =
            [self.password.required("Enter your password."), !self.has_totp || self.code.required("Enter the code.")];
        !complete.contains(&false)
    }

    /// As the server takes it.
    pub(super) fn body(self) -> Confirmation {
        Confirmation { password: self.password.text.get_untracked(), code: self.code() }
    }

    /// The code; `None` where there is no authenticator app.
    pub(super) fn code(self) -> Option<String> {
        self.has_totp.then(|| self.code.trimmed())
    }

    /// Shows errors at the fields; what belongs to neither is the text.
    pub(super) fn place(self, errors: Vec<ErrorDetail>) -> String {
        place_errors(errors, &[("password", self.password), ("code", self.code)])
    }

    /// Both fields.
    pub(super) fn fields(self) -> AnyView {
        view! {
            <TextField
                label="Your password"
                value=self.password
                kind="password"
                autocomplete="current-password"
                hint="To confirm that it is you."
                focus=true
            />
            {self.has_totp.then(|| code_field(self.code))}
        }
        .into_any()
    }
}

/// The field for digits of the authenticator app, or a recovery code.
pub(super) fn code_field(value: Value) -> AnyView {
    view! {
        <TextField
            label="Code"
            value
            hint="Six digits from your authenticator app, or one of your recovery codes."
            autocomplete="one-time-code"
            inputmode="numeric"
        />
    }
    .into_any()
}
