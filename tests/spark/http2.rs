//! The statements among what a client of Spark Connect sent.

/// The SQL of each message that holds some, in the order of connections.
pub fn statements(connections: &[Vec<u8>]) -> Vec<String> {
    connections.iter().flat_map(|bytes| messages(bytes)).filter_map(|message| sql(&message)).collect()
}

/// What the frames of HTTP/2 carry, those of one stream together.
fn messages(bytes: &[u8]) -> Vec<Vec<u8>> {
    const PREFACE: usize = 24;
    const DATA: u8 = 0;
    let mut streams: Vec<(u32, Vec<u8>)> = Vec::new();
    let mut rest = bytes.get(PREFACE..).unwrap_or_default();
    while rest.len() >= 9 {
        let length = u32::from_be_bytes([0, rest[0], rest[1], rest[2]]) as usize;
        let stream = u32::from_be_bytes([rest[5], rest[6], rest[7], rest[8]]);
        let Some(payload) = rest.get(9..9 + length) else { break };
        if rest[3] == DATA {
            match streams.iter_mut().find(|(id, _)| *id == stream) {
                Some((_, held)) => held.extend(payload),
                None => streams.push((stream, payload.to_vec())),
            }
        }
        rest = &rest[9 + length..];
    }
    streams.into_iter().map(|(_, message)| message).collect()
}

/// A text in a message, from the first word of a statement on.
fn sql(message: &[u8]) -> Option<String> {
    const FIRST: [&str; 9] =
        ["select ", "show ", "create ", "drop ", "use ", "alter ", "insert ", "analyze ", "explain "];
    let text: String = String::from_utf8_lossy(message).into_owned();
    let start = FIRST.iter().filter_map(|word| text.find(word)).min()?;
    let end = text[start..].find(|c: char| c.is_control() && c != '\n').map_or(text.len(), |end| start + end);
    Some(text[start..end].to_string())
}
