//! Model ids, inference profiles and ARNs: what can be said of them from their form alone.
//!
//! No list of regions or vendors: a base id is `vendor.model[:version][:suffix]`, and what stands before the vendor is
//! the geography of an inference profile.

mod glob;

pub use glob::{Glob, most_specific};

use std::borrow::Cow;

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// A model, by its id.
    Model,
    /// `foundation-model` ARN.
    FoundationModel,
    /// `inference-profile` ARN, or an id with a geography.
    InferenceProfile,
    /// `application-inference-profile` ARN.
    ApplicationInferenceProfile,
    /// `provisioned-model` ARN.
    ProvisionedModel,
    /// `custom-model` ARN.
    CustomModel,
    /// `custom-model-deployment` ARN.
    CustomModelDeployment,
    /// `imported-model` ARN.
    ImportedModel,
    /// `prompt` ARN.
    Prompt,
    /// `prompt-router` ARN.
    PromptRouter,
    /// `default-prompt-router` ARN.
    DefaultPromptRouter,
    /// `SageMaker` endpoint ARN.
    Endpoint,
    /// `SageMaker` `hub-content` ARN: a model of the marketplace.
    HubContent,
    /// `marketplace` ARN.
    Marketplace,
    /// Any other ARN, or text that is no id.
    Other,
}

/// The words of ARNs.
const WORDS: [(&str, &str, Resource); 13] = [
    ("bedrock", "foundation-model", Resource::FoundationModel),
    ("bedrock", "inference-profile", Resource::InferenceProfile),
    ("bedrock", "application-inference-profile", Resource::ApplicationInferenceProfile),
    ("bedrock", "provisioned-model", Resource::ProvisionedModel),
    ("bedrock", "custom-model", Resource::CustomModel),
    ("bedrock", "custom-model-deployment", Resource::CustomModelDeployment),
    ("bedrock", "imported-model", Resource::ImportedModel),
    ("bedrock", "prompt", Resource::Prompt),
    ("bedrock", "prompt-router", Resource::PromptRouter),
    ("bedrock", "default-prompt-router", Resource::DefaultPromptRouter),
    ("bedrock", "marketplace", Resource::Marketplace),
    ("sagemaker", "endpoint", Resource::Endpoint),
    ("sagemaker", "hub-content", Resource::HubContent),
];

impl Resource {
    /// The word that users see: the one of the ARN.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Other => "other",
            arn => WORDS.iter().find(|(.., r)| *r == arn).map_or("other", |(_, word, _)| word),
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        WORDS.iter().find(|(_, w, _)| *w == word).map(|(.., resource)| *resource)
    }

    /// The words of all kinds of ARN.
    pub fn words() -> impl Iterator<Item = &'static str> {
        WORDS.iter().map(|(_, word, _)| *word)
    }

    /// How to learn which model an opaque id of this kind stands for.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Model | Self::FoundationModel | Self::InferenceProfile => {
                "check the id: it is `vendor.model`, perhaps with a version"
            }
            Self::ApplicationInferenceProfile => "GetInferenceProfile tells it in `models[].modelArn`",
            Self::ProvisionedModel => "GetProvisionedModelThroughput tells it in `foundationModelArn`",
            Self::CustomModel => "GetCustomModel tells it in `baseModelArn`",
            Self::CustomModelDeployment => {
                "GetCustomModelDeployment tells the custom model in `modelArn`, and GetCustomModel its `baseModelArn`"
            }
            Self::ImportedModel => "GetImportedModel tells its `modelArchitecture`",
            Self::Prompt => "GetPrompt tells the `modelId` of its variant; InvokeModel ignores the body of such a call",
            Self::PromptRouter | Self::DefaultPromptRouter => {
                "GetPromptRouter tells its `models[]`, and only the service knows which of them answers"
            }
            Self::Endpoint | Self::HubContent | Self::Marketplace => "the container behind it defines the body",
            Self::Other => "if it is the name of a provisioned or custom model, the control plane tells its base model",
        }
    }
}

/// A parsed id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelId {
    /// The id, percent-decoded.
    pub id: String,
    /// What it names.
    pub resource: Resource,
    /// The geography of an inference profile: `us`, `global` …
    pub geography: Option<String>,
    /// Partition of an ARN: `aws`, `aws-cn` …
    pub partition: Option<String>,
    /// AWS region of an ARN.
    pub region: Option<String>,
    /// Vendor, model and version. None: the id is opaque, and the caller must say which family it speaks.
    pub base: Option<String>,
    /// What follows the version: a context size or another variant of provisioned throughput.
    pub suffix: Option<String>,
}

impl ModelId {
    /// Reads an id as a program or a URL path gives it.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let id = percent_decoded(text.trim());
        let Parts { resource, geography, partition, region, base, suffix } = Parts::of(&id);
        let owned = |part: Option<&str>| part.map(str::to_owned);
        let (geography, partition, region) = (owned(geography), owned(partition), owned(region));
        let (base, suffix) = (owned(base), owned(suffix));
        Self { id: id.into_owned(), resource, geography, partition, region, base, suffix }
    }

    /// Whether only the caller can know the family.
    #[must_use]
    pub fn is_opaque(&self) -> bool {
        self.base.is_none()
    }
}

/// Looks for what fits an id, inference profile or ARN: by its base id, else as it stands, else by its kind.
pub fn look_up<T>(
    text: &str,
    find: impl Fn(&str) -> Option<T>,
    by_kind: impl FnOnce(Resource) -> Option<T>,
) -> Option<T> {
    let id = percent_decoded(text.trim());
    let Parts { base, resource, .. } = Parts::of(&id);
    base.and_then(&find).or_else(|| find(&id)).or_else(|| by_kind(resource))
}

/// The parts of an id.
struct Parts<'i> {
    resource: Resource,
    geography: Option<&'i str>,
    partition: Option<&'i str>,
    region: Option<&'i str>,
    base: Option<&'i str>,
    suffix: Option<&'i str>,
}

impl<'i> Parts<'i> {
    fn of(id: &'i str) -> Self {
        let Some(arn) = id.strip_prefix("arn:") else { return Self::plain(id) };
        let mut parts = arn.splitn(5, ':');
        let mut part = || parts.next().unwrap_or_default();
        let (partition, service, region, _account, named) = (part(), part(), part(), part(), part());
        let (word, name) = named.split_once('/').unwrap_or((named, ""));
        let known = partition == "aws" || partition.starts_with("aws-");
        let found = WORDS.iter().find(|(s, w, _)| known && *s == service && *w == word);
        let resource = found.map_or(Resource::Other, |(.., r)| *r);
        let inner = match resource {
            Resource::FoundationModel | Resource::InferenceProfile => Self::plain(name),
            // The model that was customised stands before the id of the result, or a word that is no model id.
            Resource::CustomModel => Self::plain(name.split_once('/').map_or("", |(base, _)| base)),
            _ => Self::plain(""),
        };
        let some = |part: &'i str| Some(part).filter(|p| !p.is_empty());
        Self { resource, partition: some(partition), region: some(region), ..inner }
    }

    /// An id that is no ARN.
    fn plain(id: &'i str) -> Self {
        let (geography, rest) = geography(id);
        let (base, suffix) = versioned(rest);
        let valid = cut(base, b'.').is_some_and(|(vendor, model)| is_word(vendor) && !model.is_empty());
        let resource = match (valid, geography) {
            (false, _) => Resource::Other,
            (true, None) => Resource::Model,
            (true, Some(_)) => Resource::InferenceProfile,
        };
        Self {
            resource,
            geography: geography.filter(|_| valid),
            partition: None,
            region: None,
            base: valid.then_some(base),
            suffix: suffix.filter(|_| valid),
        }
    }
}

/// What stands before the first such ASCII character, and what behind it. Every call looks up its model, so this is one
/// quick search.
fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = memchr::memchr(at, text.as_bytes())?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// Splits the geography off. The segment after it looks like a vendor: letters and digits, and a model behind it. Model
/// names have dots too (`vendor.model-2.1`, `vendor.v3.2`), but there the second segment is no such word.
fn geography(id: &str) -> (Option<&str>, &str) {
    let Some((first, rest)) = cut(id, b'.') else { return (None, id) };
    let Some((second, third)) = cut(rest, b'.') else { return (None, id) };
    let model = third.starts_with(|c: char| c.is_ascii_alphanumeric());
    let geographic = first.bytes().all(|c| c.is_ascii_lowercase() || c == b'-') && !first.is_empty();
    if geographic && is_word(second) && model { (Some(first), rest) } else { (None, id) }
}

/// Whether a segment can be a vendor: a lower-case word of three letters or more, perhaps ending in digits.
fn is_word(segment: &str) -> bool {
    let letters = segment.trim_end_matches(|c: char| c.is_ascii_digit());
    letters.len() >= 2 && segment.len() >= 3 && letters.bytes().all(|c| c.is_ascii_lowercase())
}

/// Splits the suffix off: `name`, `name:0`, `name:0:18k` or `name:18k`.
fn versioned(id: &str) -> (&str, Option<&str>) {
    let Some((name, version)) = cut(id, b':') else { return (id, None) };
    match cut(version, b':') {
        Some((number, suffix)) => (id.get(..name.len() + 1 + number.len()).unwrap_or(id), Some(suffix)),
        None if version.chars().all(|c| c.is_ascii_digit()) => (id, None),
        None => (name, Some(version)),
    }
}

/// URL paths spell `:` and `/` as `%3A` and `%2F`. Anything that is no valid escape stays as it is.
fn percent_decoded(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'%', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let [byte, after @ ..] = rest {
        let code = (*byte == b'%').then(|| after.get(..2)).flatten();
        let digit = |d: &u8| char::from(*d).to_digit(16).and_then(|d| u8::try_from(d).ok());
        if let Some([high, low]) = code.map(|c| c.iter().map(digit).collect::<Vec<_>>()).as_deref()
            && let (Some(high), Some(low)) = (high, low)
        {
            out.push(high << 4 | low);
            rest = after.get(2..).unwrap_or_default();
        } else {
            out.push(*byte);
            rest = after;
        }
    }
    String::from_utf8(out).map_or(Cow::Borrowed(text), Cow::Owned)
}
