//! launchevent
