//! What errors of Outlook's calls mean, and what to do about them. #1234 is a thread of github.com/OfficeDev/office-js; the
//! codes are those of Microsoft's page “Common API error codes”.

use super::NO_ANSWER;

/// By code.
const CODES: [(u32, &str); 19] = [
    (1000, "Outlook does not convert to this format here. Nothing to do: the handler tries plain text next."),
    (5000, "This Outlook does not support the call for this kind of draft. Nothing to do."),
    (
        5001,
        "Outlook failed inside and gave no reason. Often it works the second time. If it happens always, look for a group \
         policy that blocks “Web Pages” files (File Block settings): Outlook then takes no HTML (#5038, #2673).",
    ),
    (
        5018,
        "Outlook failed inside, mostly while attaching an image. The image is shown from this server instead. Images that \
         are not attached avoid it (#6342).",
    ),
    (
        7000,
        "The add-in has no permission for the call, or this Outlook does not support it. Check in the Microsoft 365 admin \
         center that the newest manifest is accepted.",
    ),
    (9000, "The attachment is too large for Outlook. Use a smaller image in the template."),
    (9002, "The draft is plain text and takes no HTML. Nothing to do: plain text is inserted instead."),
    (
        9006,
        "There was more text than Outlook takes at once: a signature has at most 30,000 characters. Shorten the template.",
    ),
    (9007, "The name of the attachment is too long. Rename the image."),
    (
        9011,
        "Outlook could not clean the HTML of the signature. Open the template and correct the problems that it lists.",
    ),
    (9014, "The cursor was not in the draft’s text. Nothing to do: the handler does not depend on it."),
    (9018, "Outlook could not get a token. The person may have to sign in to Outlook again."),
    (9019, "Outlook’s own storage for add-ins is full or was not reachable. The handler goes on without it."),
    (9020, "Nothing was recorded under this name. Nothing to do."),
    (
        9030,
        "The person went to another message before the call was done, for example by popping the draft out (#6488). The \
         signature comes with the next event, or with “Insert now” in the pane.",
    ),
    (9041, "Outlook could not reach its own server. Check the person’s connection to Exchange."),
    (9043, "Outlook refuses attachments of this type. Use a PNG or JPEG image in the template."),
    (9050, "The draft was not saved yet. Nothing to do."),
    (13008, "Outlook was already getting a token for the add-in. Nothing to do: the handler waits for it."),
];

/// What an error of a call means, and what to do.
pub fn meaning(call: &str, error: &str) -> String {
    match (call, error) {
        ("server", NO_ANSWER) => {
            "This server did not answer in time, or could not be reached. The signature kept on the device was used if there \
             was one. If this happens often, check the network between Outlook and this server."
        }
        ("token", _) => {
            "Outlook gave no token: nobody is signed in, or the add-in is not allowed to get one. Check the app registration \
             and the person’s sign-in."
        }
        ("to.getAsync" | "cc.getAsync" | "bcc.getAsync", NO_ANSWER) => {
            "Outlook did not give the recipients in time. Rules then take the side that the tenant’s settings name for \
             unread recipients. A new version of Outlook often corrects this."
        }
        (_, NO_ANSWER) => {
            "Outlook did not answer in time. The handler went on without it. If one version does this more than others, \
             update it."
        }
        ("server", status) => return server(status),
        _ => {
            let code = error.split(' ').next().and_then(|code| code.parse().ok());
            let known = code.and_then(|code: u32| CODES.iter().find(|(known, _)| *known == code));
            match known {
                Some((_, words)) => *words,
                None if code.is_some() => {
                    "An error that Paraph does not know. Search for its code in github.com/OfficeDev/office-js/issues."
                }
                None => "Outlook refused the call without a code. Report it with Outlook’s version, if it happens often.",
            }
        }
    }
    .to_owned()
}

/// This server's own answers.
fn server(status: &str) -> String {
    match status {
        "401" => "The token was not accepted. The page Clients names the reason for each person.",
        "403" => "The person may not use this From address. Allow it on the person’s page under “Sends as”.",
        "404" => "The person is not in the directory. Add them, or run the source again.",
        "429" => "Too many requests came from this place within a minute.",
        "503" => "The server could not reach its database, or had too much to do. See the server’s log.",
        _ => return format!("The server answered {status}. See the server’s log."),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_a_sentence_that_is_one() {
        let errors = CODES.iter().map(|(code, _)| format!("{code} Name")).chain(
            [NO_ANSWER, "5999 New", "unknown", "other", "503", "401", "200", "Sys.ArgumentTypeException"]
                .map(str::to_owned),
        );
        for error in errors {
            for call in ["server", "token", "to.getAsync", "body.getAsync", "other"] {
                let words = meaning(call, &error);
                assert!(words.ends_with('.') && words.len() > 20, "{call} {error}: {words}");
            }
        }
        assert!(meaning("body.setSignatureAsync", "5001 InternalError").contains("group policy"));
        assert!(meaning("to.getAsync", NO_ANSWER).contains("recipients"));
    }
}
