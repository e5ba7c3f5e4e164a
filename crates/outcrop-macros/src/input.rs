//! What stands between the parentheses of `family!`.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr, Path, Result, Token, Visibility};

/// Where the spec is.
pub(crate) enum Spec {
    /// A file, relative to the manifest.
    File(LitStr),
    /// The YAML itself.
    Text(LitStr),
}

/// The parsed input.
pub(crate) struct Input {
    pub(crate) spec: Spec,
    pub(crate) vis: TokenStream,
    pub(crate) name: Option<Ident>,
    pub(crate) runtime: TokenStream,
    pub(crate) converse: TokenStream,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut spec = None;
        let mut parsed = Options {
            vis: quote!(pub),
            name: None,
            runtime: quote!(::outcrop::runtime),
            converse: quote!(::outcrop::converse),
        };
        if input.peek(LitStr) {
            spec = Some(Spec::File(input.parse()?));
            let _: Option<Token![,]> = input.parse()?;
        }
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            let _: Token![=] = input.parse()?;
            match key.to_string().as_str() {
                "spec" => spec = Some(Spec::File(input.parse()?)),
                "text" => spec = Some(Spec::Text(input.parse()?)),
                "vis" => parsed.vis = input.parse::<Visibility>()?.into_token_stream(),
                "name" => parsed.name = Some(input.parse()?),
                "runtime" => parsed.runtime = input.parse::<Path>()?.into_token_stream(),
                "converse" => parsed.converse = input.parse::<Path>()?.into_token_stream(),
                other => {
                    let known = "`spec`, `text`, `vis`, `name`, `runtime` and `converse`";
                    return Err(syn::Error::new(
                        key.span(),
                        format!("`family!` knows no `{other}`; its keys are {known}"),
                    ));
                }
            }
            if !input.is_empty() {
                let _: Token![,] = input.parse()?;
            }
        }
        let spec =
            spec.ok_or_else(|| input.error("`family!` needs a spec: a path, `spec = \"…\"` or `text = \"…\"`"))?;
        let Options { vis, name, runtime, converse } = parsed;
        Ok(Self { spec, vis, name, runtime, converse })
    }
}

/// The optional keys and their defaults.
struct Options {
    vis: TokenStream,
    name: Option<Ident>,
    runtime: TokenStream,
    converse: TokenStream,
}
