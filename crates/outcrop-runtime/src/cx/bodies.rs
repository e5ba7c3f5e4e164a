//! Whole bodies, bytes in and bytes out, around what is generated: a function that reads, and one that writes.

use std::mem::ManuallyDrop;

use super::{Decode, Reads, Spec};
use crate::json::{Arena, Cursor, JsonError, Result as JsonResult, Value};
use crate::{Call, Error, Output, Report};

/// A generated function that reads a native body.
type Read<'a, T> = fn(&mut Cursor<'a>, &mut Decode<'a>) -> JsonResult<T>;
/// A generated function that writes a native body, from the room that it will take and what reads it again.
type Write<T> = fn(&T, &'static Spec, &Call<'_>, usize, Reads) -> Result<Output, Error>;

fn read<'a, T>(input: &'a [u8], arena: &'a Arena, cx: &mut Decode<'a>, body: Read<'a, T>) -> Result<T, Error> {
    let mut whole = || {
        let mut c = Cursor::new(input, arena)?;
        let value = body(&mut c, cx)?;
        c.end()?;
        Ok(value)
    };
    whole().map_err(|e: JsonError| e.in_native(input))
}

/// Reads a native body.
pub fn decoded<'a, T>(
    spec: &'static Spec,
    input: &'a [u8],
    arena: &'a Arena,
    call: &Call<'a>,
    body: Read<'a, T>,
) -> Result<(T, Report), Error> {
    let mut cx = Decode::new(spec, call);
    let value = read(input, arena, &mut cx, body)?;
    Ok((value, cx.finish()?))
}

/// A native body as the Converse body.
pub fn translated<'a, T: Value<'a>>(
    spec: &'static Spec,
    native: &'a [u8],
    arena: &'a Arena,
    call: &Call<'a>,
    body: Read<'a, T>,
) -> Result<Output, Error> {
    let mut cx = Decode::new(spec, call);
    let value = read(native, arena, &mut cx, body)?;
    let mut body = Vec::with_capacity(native.len() + native.len() / 8 + 256);
    value.write(&mut body);
    Ok(Output { body, headers: Vec::new(), report: cx.finish()? })
}

/// A native body that has been read as it stands.
pub fn checked<'a, T>(
    spec: &'static Spec,
    native: &'a [u8],
    arena: &'a Arena,
    call: &Call<'a>,
    body: Read<'a, T>,
) -> Result<Output, Error> {
    // Nothing is translated, so nothing is lost.
    read(native, arena, &mut Decode::new(spec, call), body)?;
    Ok(Output { body: native.trim_ascii().to_vec(), headers: Vec::new(), report: Report::default() })
}

/// A Converse body as the native body.
pub fn encoded<'a, T: Value<'a>>(
    spec: &'static Spec,
    converse: &'a [u8],
    arena: &'a Arena,
    call: &Call<'_>,
    (body, read): (Write<T>, Reads),
) -> Result<Output, Error> {
    let mut c = Cursor::new(converse, arena).map_err(|e| e.in_facade(converse))?;
    // All that a parser makes lives in the arena, so there is nothing to drop. Requests are large: this one stays where it is.
    let parsed = ManuallyDrop::new(T::parse(&mut c));
    let value = match &*parsed {
        Ok(value) => value,
        Err(e) => return Err(e.in_facade(converse)),
    };
    c.end().map_err(|e| e.in_facade(converse))?;
    body(value, spec, call, converse.len() + converse.len() / 4 + 512, read)
}

/// What was read from a native request, if the rules on the model of the call allow the body.
pub fn obeying<T>(spec: &'static Spec, call: &Call<'_>, native: &[u8], read: T) -> Result<T, Error> {
    spec.judge(call.model, native, u64::MAX, &[]).map(|_| read)
}
