//! Stub.
use super::trouble::Trouble;
use super::{Outlet, Settings};
pub(super) async fn read(_: &Settings, _: &mut Outlet) -> Result<(), Trouble> {
    Err(Trouble::Machine("not yet".into()))
}
