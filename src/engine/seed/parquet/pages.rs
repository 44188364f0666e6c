//! The bytes of a Parquet file, as the `parquet` crate asks for them.
//!
//! The crate unpacks what it reads, except for Zstandard: its way to that is a library in C. Columns packed so are
//! unpacked here, one row group's at a time, and stand as plain ones behind the end of the file.

use crate::world::Seekable;
use ::bytes::Bytes;
use ::parquet::basic::Compression;
use ::parquet::column::page::{CompressedPage, Page, PageReader, PageWriter};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use ::parquet::file::reader::{ChunkReader, Length};
use ::parquet::file::serialized_reader::SerializedPageReader;
use ::parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use ruzstd::decoding::StreamingDecoder;
use std::io::{self, BufReader, Cursor, Read, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// A file that is read from any place.
#[derive(Clone)]
pub(super) struct SeedFile {
    file: Arc<Mutex<Box<dyn Seekable>>>,
    size: u64,
    /// What is read behind its end.
    behind: Bytes,
}

impl SeedFile {
    pub fn new(mut file: Box<dyn Seekable>) -> io::Result<SeedFile> {
        let size = file.seek(SeekFrom::End(0))?;
        Ok(SeedFile { file: Arc::new(Mutex::new(file)), size, behind: Bytes::new() })
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn bytes(&self, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = self.part(at).take(length as u64).read_to_end(&mut bytes)?;
        if read == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn part(&self, at: u64) -> Part {
        Part { file: self.file.clone(), at }
    }

    /// A row group that is read from the file given with it.
    pub fn readable(&self, group: &RowGroupMetaData) -> Result<(SeedFile, RowGroupMetaData)> {
        let mut sink = TrackedWrite::new(Vec::new());
        let rows = usize::try_from(group.num_rows()).unwrap_or(0);
        let column = |chunk: &ColumnChunkMetaData| match chunk.compression() {
            Compression::ZSTD(_) => self.plain(chunk, rows, &mut sink),
            _ => Ok(chunk.clone()),
        };
        let columns = group.columns().iter().map(column).collect::<Result<Vec<_>>>()?;
        let group = group.clone().into_builder().set_column_metadata(columns).build()?;
        Ok((SeedFile { behind: sink.into_inner()?.into(), ..self.clone() }, group))
    }

    /// Appends a column's pages, unpacked; the column as it stands there.
    fn plain(
        &self,
        chunk: &ColumnChunkMetaData,
        rows: usize,
        sink: &mut TrackedWrite<Vec<u8>>,
    ) -> Result<ColumnChunkMetaData> {
        let plain = chunk.clone().into_builder().set_compression(Compression::UNCOMPRESSED);
        let mut pages = SerializedPageReader::new(Arc::new(self.clone()), &plain.build()?, rows, None)?;
        let most = u64::try_from(chunk.uncompressed_size()).unwrap_or(0);
        let start = sink.bytes_written() as u64;
        let (mut dictionary, mut data) = (None, None);
        while let Some(page) = pages.get_next_page()? {
            let place = Some((self.size + sink.bytes_written() as u64) as i64);
            if page.is_dictionary_page() {
                dictionary = place;
            } else {
                data = data.or(place);
            }
            let page = unpacked(page, most)?;
            let size = page.buffer().len();
            SerializedPageWriter::new(sink).write_page(CompressedPage::new(page, size))?;
        }
        let size = sink.bytes_written() as u64 - start;
        let plain = chunk.clone().into_builder().set_compression(Compression::UNCOMPRESSED);
        let plain = plain.set_total_compressed_size(size as i64).set_dictionary_page_offset(dictionary);
        plain.set_data_page_offset(data.unwrap_or((self.size + start) as i64)).build()
    }
}

impl Length for SeedFile {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for SeedFile {
    type T = Box<dyn Read>;

    fn get_read(&self, start: u64) -> Result<Box<dyn Read>> {
        Ok(match start.checked_sub(self.size) {
            Some(at) => Box::new(Cursor::new(self.behind.slice((at as usize).min(self.behind.len())..))),
            None => Box::new(BufReader::new(self.part(start))),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let missing = || ParquetError::EOF(format!("the file has no {length} bytes at {start}"));
        if let Some(at) = start.checked_sub(self.size) {
            let end = (at as usize).checked_add(length).filter(|end| *end <= self.behind.len());
            return Ok(self.behind.slice(at as usize..end.ok_or_else(missing)?));
        }
        if self.size - start < length as u64 {
            return Err(missing());
        }
        Ok(self.bytes(start, length)?.into())
    }
}

/// The file from a place on.
struct Part {
    file: Arc<Mutex<Box<dyn Seekable>>>,
    at: u64,
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// The page without its packing, of at most so many bytes. The levels of a page of the second version are never packed.
fn unpacked(mut page: Page, most: u64) -> Result<Page> {
    let (buffer, levels) = match &mut page {
        Page::DataPage { buf, .. } | Page::DictionaryPage { buf, .. } => (buf, 0),
        Page::DataPageV2 { is_compressed: false, .. } => return Ok(page),
        Page::DataPageV2 { buf, def_levels_byte_len, rep_levels_byte_len, is_compressed, .. } => {
            *is_compressed = false;
            (buf, (*def_levels_byte_len as usize).saturating_add(*rep_levels_byte_len as usize))
        }
    };
    let invalid = |words: &str| ParquetError::General(format!("a page packed with Zstandard {words}"));
    let (levels, mut rest) = buffer.split_at_checked(levels).ok_or_else(|| invalid("is cut"))?;
    let mut bytes = levels.to_vec();
    while !rest.is_empty() {
        let frame = StreamingDecoder::new(&mut rest).map_err(|error| invalid(&error.to_string()))?;
        let left = (most + 1).saturating_sub(bytes.len() as u64);
        frame.take(left).read_to_end(&mut bytes).map_err(|error| invalid(&error.to_string()))?;
        if bytes.len() as u64 > most {
            return Err(invalid("is larger than it says"));
        }
    }
    *buffer = bytes.into();
    Ok(page)
}
