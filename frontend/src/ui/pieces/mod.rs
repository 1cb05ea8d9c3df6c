//! What the console is put together from.

pub mod address;
pub mod button;
pub mod conflict;
pub mod copy;
pub mod dialog;
pub mod form;
pub mod load;
pub mod menu;
pub mod states;
pub mod table;
pub mod tabs;
pub mod time;
pub mod toast;
pub mod wizard;

pub use button::{Button, Look};
pub use conflict::{Conflict, Difference, differences};
pub use copy::Copy;
pub use dialog::{Confirm, Dialog};
pub use form::field::{Check, Choose, Radios, Select, TextField, Value, form_error, place_errors};
pub use form::pick::{Choice, Finder, Found, Pick, Picks};
pub use form::search::search;
pub use load::Loaded;
pub use menu::Menu;
pub use states::{Empty, Failed, Notice, Pill, Skeleton, Tone};
pub use table::{Cell, Column, Hint, Listing, Query, Row, Table, sheet};
pub use tabs::Tabs;
pub use time::{ago, count, date, moment};
pub use toast::{Toasts, tell, tell_error, tell_with};
pub use wizard::{Progress, Stepper};
