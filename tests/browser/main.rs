//! End to end in headless Chromium through WebDriver.
