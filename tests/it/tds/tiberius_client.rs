//! tiberius with rustls: what the connector uses.

use super::{answer, config, connect, number_and_message, rows, shown, start, try_connect};
use futures_util::{FutureExt as _, TryStreamExt as _};
use neighbours::tds::{DATABASE, Encryption, PASSWORD, TdsServer, USER};
use std::time::{Duration, Instant};
use tiberius::{AuthMethod, ColumnType, EncryptionLevel, Query, numeric::Numeric};

#[tokio::test]
async fn tiberius_logs_in_and_reads_every_type() {
    for encryption in [Encryption::NotSupported, Encryption::Off, Encryption::Required] {
        let server = start(encryption).await;
        let mut client = try_connect(config(&server, encryption)).await.unwrap();
        let people = rows(&mut client, "select * from dbo.people order by id").await.unwrap();
        let expected = [
            "1",
            "Åsa Räksmörgås 🦐",
            "Chief “Analyst” €",
            "It's a note",
            "SE ",
            "ab  ",
            "true",
            "f64 2.5",
            "f32 0.5",
            "i64 9007199254740993",
            "u8 255",
            "i16 -3",
            "123450e-2",
            "42e-0",
            "f64 -19.99",
            "6f9619ff-8b86-d011-b42d-00c04fc964ff",
            "day 662892",
            "day 46345 tick 13588837",
            "day 739940 tick 452961234567",
            "day 739940 tick 45296",
            "[01, 02, ff]",
            "[ca, fe]",
        ];
        assert_eq!(people[0], expected, "{encryption:?}");
        assert_eq!(people[1].iter().filter(|value| *value == "NULL").count(), 19, "{:?}", people[1]);
        let login = &server.logins()[0];
        assert_eq!(login.was_encrypted, encryption != Encryption::NotSupported, "{encryption:?}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_refused() {
    let [server, other] = [start(Encryption::Required).await, start(Encryption::Required).await];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.pem");
    std::fs::write(&file, server.certificate_pem()).unwrap();

    let mut trusting = tiberius::Config::new();
    trusting.host("localhost");
    trusting.port(server.port());
    trusting.authentication(AuthMethod::sql_server(USER, PASSWORD));
    let mut doubting = trusting.clone();
    doubting.trust_cert_ca_bundle(other.certificate_pem().as_bytes());
    let error = try_connect(doubting).await.unwrap_err();
    assert!(error.to_string().contains("certificate was rejected"), "{error}");
    assert!(server.logins().is_empty());

    trusting.trust_cert_ca(file.to_str().unwrap());
    try_connect(trusting).await.unwrap();
}

#[tokio::test]
async fn encryption_is_what_both_sides_can_do() {
    let refused = [
        (Encryption::NotSupported, EncryptionLevel::Required),
        (Encryption::NotSupported, EncryptionLevel::On),
        (Encryption::Required, EncryptionLevel::NotSupported),
    ];
    for (own, asked) in refused {
        let server = start(own).await;
        let mut config = config(&server, own);
        config.encryption(asked);
        assert!(try_connect(config).await.is_err(), "{own:?} {asked:?}");
    }
    let server = start(Encryption::Off).await;
    let mut more = config(&server, Encryption::Off);
    more.encryption(EncryptionLevel::Required);
    assert_eq!(answer(&mut try_connect(more).await.unwrap(), "select 1").await, "1");
}

#[tokio::test]
async fn a_wrong_password_is_18456() {
    let server = start(Encryption::Required).await;
    for (user, password) in [(USER, "wrong"), ("nobody", PASSWORD)] {
        let mut config = config(&server, Encryption::Required);
        config.authentication(AuthMethod::sql_server(user, password));
        let error = try_connect(config).await.unwrap_err();
        assert_eq!(number_and_message(&error), format!("18456/14/1 Login failed for user '{user}'."));
    }
    assert_eq!(server.logins().iter().filter(|login| login.is_accepted).count(), 0);
}

#[tokio::test]
async fn an_unknown_database_is_4060() {
    let server = start(Encryption::Required).await;
    let mut config = config(&server, Encryption::Required);
    config.database("payroll");
    let error = try_connect(config).await.unwrap_err();
    let said = "4060/11/1 Cannot open database \"payroll\" requested by the login. The login failed.";
    assert_eq!(number_and_message(&error), said);
}

#[tokio::test]
async fn a_login_says_who_and_that_it_will_only_read() {
    let server = start(Encryption::Required).await;
    let mut config = config(&server, Encryption::Required);
    config.readonly(true);
    config.application_name("Paraph");
    config.client_name("mail1");
    try_connect(config).await.unwrap();
    let [login] = server.logins().try_into().unwrap();
    assert_eq!((login.user.as_str(), login.password.as_str()), (USER, PASSWORD));
    assert_eq!((login.database.as_str(), login.application.as_str()), (DATABASE, "Paraph"));
    assert_eq!(login.host, "mail1");
    assert!(login.is_read_only && login.is_accepted && login.was_encrypted);
}

#[tokio::test]
async fn what_is_wrong_is_said_as_the_original_says_it() {
    let server = start(Encryption::Required).await;
    let mut client = connect(&server).await;
    let cases = [
        ("select * from missing", "208/16/1 Invalid object name 'missing'."),
        ("select * from dbo.[Missing]", "208/16/1 Invalid object name 'dbo.Missing'."),
        ("select nmae from people", "207/16/1 Invalid column name 'nmae'."),
        ("select \"nmae\" from people", "207/16/1 Invalid column name 'nmae'."),
        ("select p.nmae from people as p", "207/16/1 Invalid column name 'nmae'."),
        ("select * form people", "102/15/1 Incorrect syntax near 'form'."),
        ("selec * from people", "102/15/1 Incorrect syntax near '*'."),
        ("select name from from people", "156/15/1 Incorrect syntax near the keyword 'from'."),
        ("select 'a", "105/15/1 Unclosed quotation mark after the character string 'a'."),
        ("select nvl(name, 1) from people", "195/15/10 'nvl' is not a recognized built-in function name."),
        ("select ifnull(name, 1) from people", "195/15/10 'ifnull' is not a recognized built-in function name."),
        ("select name from people limit 5", "102/15/1 Incorrect syntax near '5'."),
        ("select name || 'x' from people", "102/15/1 Incorrect syntax near '|'."),
        ("select * from (select 1 as x)", "102/15/1 Incorrect syntax near ')'."),
        ("select * from (select 1 as x) where x = 1", "156/15/1 Incorrect syntax near the keyword 'where'."),
        ("select * from (select 1 as x;) as q", "102/15/1 Incorrect syntax near ';'."),
        (
            "select * from (with c as (select 1 as x) select * from c) as q",
            "156/15/1 Incorrect syntax near the keyword 'with'.",
        ),
        ("select @x", "137/15/2 Must declare the scalar variable \"@x\"."),
        ("exec xp_cmdshell 'dir'", "2812/16/62 Could not find stored procedure 'xp_cmdshell'."),
        ("waitfor delay 'soon'", "148/15/1 Incorrect time syntax in time string 'soon' used with WAITFOR."),
        ("rollback", "3903/16/1 The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION."),
        (
            "select * from people, dbo.Secrets",
            "229/14/5 The SELECT permission was denied on the object 'secrets', database 'crm', schema 'dbo'.",
        ),
        (
            "delete from secrets",
            "229/14/5 The DELETE permission was denied on the object 'secrets', database 'crm', schema 'dbo'.",
        ),
        (
            "select * from (select id from people order by id) as q",
            "1033/15/1 The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and \
             common table expressions, unless TOP, OFFSET or FOR XML is also specified.",
        ),
    ];
    for (sql, expected) in cases {
        assert_eq!(answer(&mut client, sql).await, expected, "{sql}");
    }
    assert_eq!(answer(&mut client, "select 1").await, "1");
}

#[tokio::test]
async fn t_sql_means_what_it_means_there() {
    let server = start(Encryption::Required).await;
    let mut client = connect(&server).await;
    let cases = [
        ("select top (2) n from numbers order by n desc", "20000;19999"),
        ("select distinct top 1 n from numbers order by n", "1"),
        ("select count(*) from (select top 3 * from numbers order by n) as q", "3"),
        ("select n from numbers order by n offset 5 rows fetch next 2 rows only", "6;7"),
        ("select [Job Title] from [crm].[dbo].[people] where id = 1", "Chief “Analyst” €"),
        ("select people.name from crm..people with (nolock) where name like N'GRACE'", "Grace"),
        ("select id from people where name = 'grACE'", "2"),
        ("select name + N' (' + 'x)' from people where id = 2", "Grace (x)"),
        ("select isnull([Job Title], 'none') from people where id = 2", "none"),
        ("select len(name), db_name() from people where id = 2", "5|crm"),
        ("select n from numbers where n < 3 union all select 9", "1;2;9"),
        ("select 1 as \"a b\" -- comment ; select 2", "1"),
        ("with few as (select n from numbers where n < 3) select sum(n) from few", "3"),
        ("set nocount on select id from people where id = 1", "1"),
        ("set transaction isolation level snapshot; use crm; select 7", "7"),
        ("select id from people where id = 77", ""),
        ("select 3000000000, 1.5, null, x from (select 'é' as x) as q", "i64 3000000000|f64 1.5|NULL|é"),
    ];
    for (sql, expected) in cases {
        assert_eq!(answer(&mut client, sql).await, expected, "{sql}");
    }
    let now = client.simple_query("select getdate()").await.unwrap().into_row().await.unwrap().unwrap();
    assert_eq!((now.columns()[0].name(), now.columns()[0].column_type()), ("", ColumnType::Datetimen));
}

#[tokio::test]
async fn parameters_are_values() {
    let server = start(Encryption::Required).await;
    let mut client = connect(&server).await;
    let mut query = Query::new("select @P1, @P2, @P3, @P4, @P5, @P6, id from people where name = @P7");
    let long = "ö".repeat(5_000);
    query.bind("it's; -- text");
    query.bind(-5_i32);
    query.bind(1_i64 << 40);
    query.bind(2.5_f64);
    query.bind(None::<String>);
    query.bind(long.as_str());
    query.bind("grace");
    let row = query.query(&mut client).await.unwrap().into_row().await.unwrap().unwrap();
    let expected = ["it's; -- text", "-5", "i64 1099511627776", "f64 2.5", "NULL", &long, "2"];
    assert_eq!(shown(&row), expected);
    let sql = "select name from people where guid = @P1 and token = @P2 and is_active = @P3";
    let mut query = Query::new(sql);
    query.bind("6F9619FF-8B86-D011-B42D-00C04FC964FF");
    query.bind(&[1_u8, 2, 255][..]);
    query.bind(true);
    let row = query.query(&mut client).await.unwrap().into_row().await.unwrap().unwrap();
    assert_eq!(shown(&row), ["Åsa Räksmörgås 🦐"]);
    let error = client.query("select nope from people where id = @P1", &[&1]).await.err().unwrap();
    assert_eq!(number_and_message(&error), "207/16/1 Invalid column name 'nope'.");
}

#[tokio::test]
async fn a_decimal_keeps_its_scale() {
    let server = start(Encryption::Required).await;
    let mut client = connect(&server).await;
    client.execute("update people set salary = -0.005, big = 12345678 where id = 2", &[]).await.unwrap();
    let row = client.simple_query("select salary, big from people where id = 2").await.unwrap();
    let row = row.into_row().await.unwrap().unwrap();
    assert_eq!(row.get::<Numeric, _>(0), Some(Numeric::new_with_scale(-1, 2)));
    assert_eq!(row.get::<Numeric, _>(1), Some(Numeric::new_with_scale(12_345_678, 0)));
}

#[tokio::test]
async fn a_syntax_error_stops_the_whole_batch_and_an_unknown_table_does_not() {
    let server = start(Encryption::Required).await;
    let mut client = connect(&server).await;
    let said = answer(&mut client, "delete from people; select * form people").await;
    assert_eq!(said, "102/15/1 Incorrect syntax near 'form'.");
    assert_eq!(answer(&mut client, "select count(*) from people").await, "2");
    assert!(!server.statements().iter().any(|sql| sql.contains("delete")));
    let said = answer(&mut client, "delete from people; select * from missing").await;
    assert_eq!(said, "208/16/1 Invalid object name 'missing'.");
    assert_eq!(answer(&mut client, "select count(*) from people").await, "0");
}

#[tokio::test]
async fn a_session_that_will_only_read_can_write_and_roll_back() {
    let server = start(Encryption::Required).await;
    let mut config = config(&server, Encryption::Required);
    config.readonly(true);
    let mut client = try_connect(config).await.unwrap();
    rows(&mut client, "set transaction isolation level snapshot begin tran").await.unwrap();
    // No semicolon is needed to do harm.
    rows(&mut client, "select 1 delete from people").await.unwrap();
    assert_eq!(answer(&mut client, "select @@trancount, count(*) from people").await, "1|0");
    rows(&mut client, "rollback tran").await.unwrap();
    assert_eq!(answer(&mut client, "select @@trancount, count(*) from people").await, "0|2");
    rows(&mut client, "select id into #copy from people").await.unwrap();
    assert_eq!(answer(&mut client, "select id from #copy").await, "1;2");
    let expected = [
        "set transaction isolation level snapshot",
        "begin tran",
        "select 1",
        "delete from people",
        "select @@trancount, count(*) from people",
        "rollback tran",
        "select @@trancount, count(*) from people",
        "select id into #copy from people",
        "select id from #copy",
    ];
    assert_eq!(server.statements(), expected);
}

#[tokio::test]
async fn a_transaction_by_request_is_one_too() {
    let server = start(Encryption::Required).await;
    let mut client = connect(&server).await;
    client.begin_transaction().await.unwrap();
    let changed = client.execute("update people set name = N'x'", &[]).await.unwrap();
    assert_eq!(changed.rows_affected(), [2]);
    client.rollback_transaction().await.unwrap();
    assert_eq!(answer(&mut client, "select name from people where id = 2").await, "Grace");
    assert_eq!(server.statements().first().map(String::as_str), Some("begin tran"));
}

#[tokio::test]
async fn a_large_result_comes_in_many_packets() {
    for encryption in [Encryption::NotSupported, Encryption::Required] {
        let server = start(encryption).await;
        let mut config = config(&server, encryption);
        config.packet_size(512);
        let mut client = try_connect(config).await.unwrap();
        let mut numbers =
            client.simple_query("select n, square from numbers order by n").await.unwrap().into_row_stream();
        let (mut count, mut sum) = (0, 0);
        while let Some(row) = numbers.try_next().await.unwrap() {
            count += 1;
            sum += row.get::<i64, _>("square").unwrap() - i64::from(row.get::<i32, _>("n").unwrap());
        }
        assert_eq!((count, sum), (20_000, 2_666_666_660_000));
    }
}

#[tokio::test]
async fn a_text_of_a_megabyte_arrives_whole() {
    let server = start(Encryption::Required).await;
    let mut client = connect(&server).await;
    let long = "räk".repeat(350_000);
    client.execute("update people set notes = @P1 where id = 2", &[&long.as_str()]).await.unwrap();
    assert!(answer(&mut client, "select notes from people where id = 2").await == long);
}

#[tokio::test]
async fn waitfor_waits() {
    let server = start(Encryption::Required).await;
    let mut client = connect(&server).await;
    let begin = Instant::now();
    assert_eq!(answer(&mut client, "waitfor delay '00:00:01'; select 5").await, "5");
    assert!(begin.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_cancelled_query_leaves_a_connection_that_works() {
    let server = start(Encryption::Required).await;
    let mut client = connect(&server).await;
    // One poll sends it; then nobody wants it any more.
    assert!(client.simple_query("waitfor delay '01:00'; select 1").now_or_never().is_none());
    client.cancel_query().await.unwrap();
    assert_eq!(answer(&mut client, "select 2").await, "2");

    // Too many to have been sent before the cancel arrives: tiberius does not look behind the end of an answer.
    let mut many = client.simple_query("select a.n from numbers as a, numbers as b").await.unwrap().into_row_stream();
    assert!(many.try_next().await.unwrap().is_some());
    drop(many);
    client.cancel_query().await.unwrap();
    assert_eq!(answer(&mut client, "select 3").await, "3");

    client.cancel_query().await.unwrap();
    assert_eq!(answer(&mut client, "select 4").await, "4");
}

#[tokio::test]
async fn connections_share_the_database_and_nothing_else() {
    let server: TdsServer = start(Encryption::Required).await;
    let (mut ours, mut theirs) = (connect(&server).await, connect(&server).await);
    rows(&mut ours, "insert into people (id, name, is_active) values (3, N'Alan', 1)").await.unwrap();
    assert_eq!(answer(&mut theirs, "select name from people where id = 3").await, "Alan");
    rows(&mut ours, "begin tran").await.unwrap();
    assert_eq!(answer(&mut theirs, "select @@trancount").await, "0");
    let other = start(Encryption::Required).await;
    assert_eq!(answer(&mut connect(&other).await, "select count(*) from people").await, "2");
}
