//! Families of one's own.

/// What a module that `outcrop::family!` made is to the registry, for
/// [`Builder::family`](crate::client::Builder::family) and the interceptor: `static ACME: Entry = outcrop_aws::entry!(acme);`.
#[macro_export]
macro_rules! entry {
    ($($module:ident)::+) => {
        ::outcrop::registry::Entry {
            spec: &$($module)::+::SPEC,
            codec: &$($module)::+::Family,
            unsupported: $($module)::+::UNSUPPORTED,
            streams: $($module)::+::STREAMS,
            typed: ::core::option::Option::Some(::outcrop::registry::Typed {
                encode_request: $($module)::+::encode_request,
                decode_response: $($module)::+::decode_response,
            }),
        }
    };
}
