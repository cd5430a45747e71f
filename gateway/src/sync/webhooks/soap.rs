//! Outbound messages: SOAP with notifications, each about one record, answered with an acknowledgement.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::message::{Message, NotUnderstood};

/// What the sender wants to read when the message was taken; otherwise it sends it again.
pub(super) const ACKNOWLEDGED: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>"#,
    r#"<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>"#,
    r#"</soapenv:Body></soapenv:Envelope>"#
);

/// Elements inside each other: an outbound message has six.
const DEEPEST: usize = 16;

/// Where we are in a message.
#[derive(Default)]
struct Place {
    path: Vec<String>,
    /// The object of the record that is being read.
    object: Option<String>,
    notifications: Vec<String>,
}

/// Reads an outbound message. External entities do not exist for this reader, and a document type is refused.
pub(super) fn read(body: &[u8]) -> Result<Message, NotUnderstood> {
    let text = str::from_utf8(body).map_err(|_| NotUnderstood)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
    let (mut message, mut place) = (Message::default(), Place::default());
    loop {
        match reader.read_event().map_err(|_| NotUnderstood)? {
            Event::Start(element) => place.enter(&element)?,
            Event::Text(text) => {
                place.text(text.trim(), &mut message);
            }
            Event::End(_) => place.leave(),
            Event::DocType(_) => return Err(NotUnderstood),
            Event::Eof => break,
            _ => {}
        }
    }
    if message.named.is_empty() || !place.path.is_empty() {
        return Err(NotUnderstood);
    }
    // A message that comes again has the same notifications.
    message.id = Some(place.notifications.join(",")).filter(|it| !it.is_empty());
    Ok(message)
}

impl Place {
    fn enter(&mut self, element: &BytesStart<'_>) -> Result<(), NotUnderstood> {
        if self.path.len() == DEEPEST {
            return Err(NotUnderstood);
        }
        let name = element.local_name().as_ref().to_owned();
        if name == "sObject" {
            self.object = kind_of(element);
        }
        self.path.push(name);
        Ok(())
    }

    fn text(&mut self, text: &str, message: &mut Message) {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        match path.as_slice() {
            _ if text.is_empty() => {}
            [.., "Notification", "Id"] => self.notifications.push(text.to_owned()),
            [.., "Notification", "sObject", "Id"] => {
                if let Some(object) = &self.object {
                    message.add(object, text);
                }
            }
            _ => {}
        }
    }

    fn leave(&mut self) {
        if self.path.pop().as_deref() == Some("sObject") {
            self.object = None;
        }
    }
}

/// `xsi:type="sf:Lead"`.
fn kind_of(element: &BytesStart<'_>) -> Option<String> {
    let attribute = element.attributes().flatten().find(|it| it.key.local_name().as_ref() == "type")?;
    attribute.value.rsplit(':').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const MESSAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">
  <OrganizationId>00D000000000001EAA</OrganizationId><ActionId>04k000000000001AAA</ActionId>
  <Notification><Id>04l000000000001AAA</Id>
   <sObject xsi:type="sf:Lead" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
    <sf:Id>00Q5g000001abCDEAY</sf:Id><sf:LastName>佐藤 &amp; 田中</sf:LastName></sObject></Notification>
  <Notification><Id>04l000000000002AAA</Id>
   <sObject xsi:type="sf:Lead" xmlns:sf="urn:x"><sf:Id>00Q5g000001abCEEAY</sf:Id></sObject></Notification>
 </notifications></soapenv:Body></soapenv:Envelope>"#;

    #[test]
    fn an_outbound_message_names_its_records() {
        let message = read(MESSAGE.as_bytes()).unwrap();
        let leads = ["00Q5g000001abCDEAY", "00Q5g000001abCEEAY"].map(str::to_owned).into();
        assert_eq!(message.named, BTreeMap::from([("Lead".to_owned(), leads)]));
        assert_eq!(message.id.as_deref(), Some("04l000000000001AAA,04l000000000002AAA"));
    }

    #[test]
    fn what_could_blow_up_is_refused() {
        let bomb =
            MESSAGE.replacen("<soapenv:Envelope", "<!DOCTYPE a [<!ENTITY b \"c\">]><soapenv:Envelope", 1);
        assert_eq!(read(bomb.as_bytes()), Err(NotUnderstood));
        let deep = format!("{}{}", "<a>".repeat(5_000), "</a>".repeat(5_000));
        assert_eq!(read(deep.as_bytes()), Err(NotUnderstood));
        assert_eq!(read(&MESSAGE.as_bytes()[..600]), Err(NotUnderstood), "cut short");
    }
}
