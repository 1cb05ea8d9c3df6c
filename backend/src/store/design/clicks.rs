//! Counts of followed campaign links. They do not identify anyone.

use crate::store::audit::{self, By};
use crate::store::tenants::changes::About;
use crate::store::tenants::record;
use crate::store::{Error, Store};
use serde_json::json;
use sqlx::Row;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// How often one link was followed on one day, since the last write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClickRecord {
    /// The tenant's id.
    pub tenant: String,
    /// The campaign's rule, by id.
    pub campaign: String,
    /// The banner's template, by id.
    pub template: String,
    /// Target of the link.
    pub url: String,
    /// Days since 1970-01-01 UTC.
    pub day: i64,
    /// How often.
    pub count: i64,
}

/// How often one link was followed on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clicked {
    /// Days since 1970-01-01 UTC.
    pub day: i64,
    /// The banner's template, by id.
    pub template: String,
    /// Target of the link.
    pub url: String,
    /// How often.
    pub count: i64,
}

impl Store {
    /// Adds to the stored counts. Counts of tenants that do not count links, or that no longer exist, are skipped.
    pub async fn add_clicks(&self, clicks: &[ClickRecord]) -> Result<(), Error> {
        let mut write = self.begin().await?;
        for click in clicks {
            sqlx::query(
                "insert into clicks (tenant, campaign, template, url, day, count)
                 select id, $2, $3, $4, $5, $6 from tenants where id = $1 and count_clicks = 1
                 on conflict (tenant, campaign, template, url, day) do update set count = clicks.count + excluded.count",
            )
            .bind(&click.tenant)
            .bind(&click.campaign)
            .bind(&click.template)
            .bind(&click.url)
            .bind(click.day)
            .bind(click.count)
            .execute(&mut *write)
            .await?;
        }
        Ok(write.commit().await?)
    }

    /// How often a campaign's links were followed on these days (inclusive), by day, banner and link.
    pub async fn list_clicks(
        &self,
        tenant: &str,
        campaign: &str,
        days: RangeInclusive<i64>,
    ) -> Result<Vec<Clicked>, Error> {
        let rows = sqlx::query(
            "select day, template, url, count from clicks
             where tenant = $1 and campaign = $2 and day >= $3 and day <= $4",
        )
        .bind(tenant)
        .bind(campaign)
        .bind(*days.start())
        .bind(*days.end())
        .fetch_all(self.reader()?)
        .await?;
        let clicked = |row: &sqlx::any::AnyRow| {
            Ok(Clicked {
                day: row.try_get(0)?,
                template: row.try_get(1)?,
                url: row.try_get(2)?,
                count: row.try_get(3)?,
            })
        };
        let mut clicks = rows.iter().map(clicked).collect::<Result<Vec<_>, Error>>()?;
        clicks.sort_by(|a, b| (a.day, &a.template, &a.url).cmp(&(b.day, &b.template, &b.url)));
        Ok(clicks)
    }

    /// Total number of followed links of each banner, by campaign and template.
    pub async fn sum_clicks(&self, tenant: &str) -> Result<BTreeMap<(String, String), i64>, Error> {
        let rows = sqlx::query(
            "select campaign, template, cast(sum(count) as bigint) from clicks
             where tenant = $1 group by campaign, template",
        )
        .bind(tenant)
        .fetch_all(self.reader()?)
        .await?;
        rows.iter().map(|row| Ok(((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?))).collect()
    }

    /// Whether links of campaigns lead through this server.
    pub async fn counts_clicks(&self, tenant: &str) -> Result<bool, Error> {
        let counts: Option<i64> = sqlx::query_scalar("select count_clicks from tenants where id = $1")
            .bind(tenant)
            .fetch_optional(self.reader()?)
            .await?;
        Ok(counts == Some(1))
    }

    /// Sets whether links of campaigns lead through this server.
    pub async fn set_counts_clicks(&self, tenant: &str, counts: bool, by: By) -> Result<(), Error> {
        let mut write = self.begin().await?;
        let version = record::next_version(&mut write, tenant).await?;
        let changed = sqlx::query("update tenants set count_clicks = $2 where id = $1 and count_clicks <> $2")
            .bind(tenant)
            .bind(i64::from(counts))
            .execute(&mut *write)
            .await?;
        if changed.rows_affected() == 0 {
            return Ok(());
        }
        let detail = json!({ "count_clicks": { "from": !counts, "to": counts } });
        audit::note(
            &mut write,
            audit::Entry {
                tenant,
                version,
                about: About::Design,
                by,
                action: "change_campaigns",
                subject: tenant,
                detail,
            },
        )
        .await?;
        Ok(write.commit().await?)
    }
}
