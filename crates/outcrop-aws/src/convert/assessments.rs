//! Assessments of guardrails as JSON: the SDK has types for them and no printer.

use aws_sdk_bedrockruntime::types::{
    AppliedGuardrailDetails, GuardrailAssessment, GuardrailAutomatedReasoningFinding,
    GuardrailAutomatedReasoningImpossibleFinding, GuardrailAutomatedReasoningInputTextReference,
    GuardrailAutomatedReasoningInvalidFinding, GuardrailAutomatedReasoningLogicWarning,
    GuardrailAutomatedReasoningLogicWarningType, GuardrailAutomatedReasoningNoTranslationsFinding,
    GuardrailAutomatedReasoningPolicyAssessment, GuardrailAutomatedReasoningRule,
    GuardrailAutomatedReasoningSatisfiableFinding, GuardrailAutomatedReasoningScenario,
    GuardrailAutomatedReasoningStatement, GuardrailAutomatedReasoningTooComplexFinding,
    GuardrailAutomatedReasoningTranslation, GuardrailAutomatedReasoningTranslationAmbiguousFinding,
    GuardrailAutomatedReasoningTranslationOption, GuardrailAutomatedReasoningValidFinding, GuardrailContentFilter,
    GuardrailContentFilterConfidence, GuardrailContentFilterStrength, GuardrailContentFilterType,
    GuardrailContentPolicyAction, GuardrailContentPolicyAssessment, GuardrailContextualGroundingFilter,
    GuardrailContextualGroundingFilterType, GuardrailContextualGroundingPolicyAction,
    GuardrailContextualGroundingPolicyAssessment, GuardrailCoverage, GuardrailCustomWord, GuardrailImageCoverage,
    GuardrailInvocationMetrics, GuardrailManagedWord, GuardrailManagedWordType, GuardrailOrigin, GuardrailOwnership,
    GuardrailPiiEntityFilter, GuardrailPiiEntityType, GuardrailRegexFilter, GuardrailSensitiveInformationPolicyAction,
    GuardrailSensitiveInformationPolicyAssessment, GuardrailTextCharactersCoverage, GuardrailTopic,
    GuardrailTopicPolicyAction, GuardrailTopicPolicyAssessment, GuardrailTopicType, GuardrailUsage,
    GuardrailWordPolicyAction, GuardrailWordPolicyAssessment,
};
use outcrop_runtime::{Error, Tree};

use crate::types::owned::within;

/// The JSON of an assessment. The error is `unknown-tag`, for findings that the SDK does not know.
pub(super) fn assessment(value: &GuardrailAssessment) -> Result<Tree, Error> {
    Ok(value.json()?.unwrap_or_default())
}

/// A value with a JSON form, unless it is absent.
trait Json {
    fn json(&self) -> Result<Option<Tree>, Error>;
}

impl<T: Json> Json for Option<T> {
    fn json(&self) -> Result<Option<Tree>, Error> {
        self.as_ref().map_or(Ok(None), T::json)
    }
}
impl<T: Json> Json for Vec<T> {
    fn json(&self) -> Result<Option<Tree>, Error> {
        let item = |(i, item): (usize, &T)| match item.json() {
            Ok(tree) => Ok(tree.unwrap_or_default()),
            Err(e) => Err(within(&format!("[{i}]"), e)),
        };
        let items = self.iter().enumerate().map(item).collect::<Result<_, _>>()?;
        Ok(Some(Tree::list(items)))
    }
}
impl Json for String {
    fn json(&self) -> Result<Option<Tree>, Error> {
        Ok(Some(Tree::str(self.as_str())))
    }
}
impl Json for bool {
    fn json(&self) -> Result<Option<Tree>, Error> {
        Ok(Some(Tree::Bool(*self)))
    }
}

macro_rules! numbers {
    ($($ty:ty),*) => {$(
        impl Json for $ty {
            fn json(&self) -> Result<Option<Tree>, Error> {
                Ok(Some(Tree::Num(format!("{self:?}"))))
            }
        }
    )*};
}
numbers!(i32, i64, f64);

macro_rules! words {
    ($($name:ident),* $(,)?) => {$(
        impl Json for $name {
            fn json(&self) -> Result<Option<Tree>, Error> {
                Ok(Some(Tree::str(self.as_str())))
            }
        }
    )*};
}

macro_rules! objects {
    ($($name:ident { $($field:ident),* $(,)? })*) => {$(
        impl Json for $name {
            fn json(&self) -> Result<Option<Tree>, Error> {
                object(vec![$((stringify!($field), self.$field.json())),*])
            }
        }
    )*};
}

/// The object of the fields that are there.
fn object(fields: Vec<(&str, Result<Option<Tree>, Error>)>) -> Result<Option<Tree>, Error> {
    let mut members = Vec::new();
    for (field, value) in fields {
        let name = camel(field);
        if let Some(value) = value.map_err(|e| within(&name, e))? {
            members.push((name, value));
        }
    }
    Ok(Some(Tree::object(members)))
}

/// The service model's name of a field.
fn camel(field: &str) -> String {
    let mut words = field.trim_start_matches("r#").split('_');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut chars = word.chars();
        name.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        name.push_str(chars.as_str());
    }
    name
}

impl Json for GuardrailAutomatedReasoningFinding {
    fn json(&self) -> Result<Option<Tree>, Error> {
        let (name, value) = match self {
            Self::Impossible(finding) => ("impossible", finding.json()),
            Self::Invalid(finding) => ("invalid", finding.json()),
            Self::NoTranslations(finding) => ("noTranslations", finding.json()),
            Self::Satisfiable(finding) => ("satisfiable", finding.json()),
            Self::TooComplex(finding) => ("tooComplex", finding.json()),
            Self::TranslationAmbiguous(finding) => ("translationAmbiguous", finding.json()),
            Self::Valid(finding) => ("valid", finding.json()),
            _ => return Err(super::unknown()),
        };
        Ok(Some(Tree::arm(name, value.map_err(|e| within(name, e))?.unwrap_or_default())))
    }
}

objects! {
    GuardrailAssessment {
        topic_policy, content_policy, word_policy, sensitive_information_policy, contextual_grounding_policy,
        automated_reasoning_policy, invocation_metrics, applied_guardrail_details,
    }
    GuardrailTopicPolicyAssessment { topics }
    GuardrailTopic { name, r#type, action, detected }
    GuardrailContentPolicyAssessment { filters }
    GuardrailContentFilter { r#type, confidence, filter_strength, action, detected }
    GuardrailWordPolicyAssessment { custom_words, managed_word_lists }
    GuardrailCustomWord { r#match, action, detected }
    GuardrailManagedWord { r#match, r#type, action, detected }
    GuardrailSensitiveInformationPolicyAssessment { pii_entities, regexes }
    GuardrailPiiEntityFilter { r#match, r#type, action, detected }
    GuardrailRegexFilter { name, r#match, regex, action, detected }
    GuardrailContextualGroundingPolicyAssessment { filters }
    GuardrailContextualGroundingFilter { r#type, threshold, score, action, detected }
    GuardrailAutomatedReasoningPolicyAssessment { findings }
    GuardrailAutomatedReasoningImpossibleFinding { translation, contradicting_rules, logic_warning }
    GuardrailAutomatedReasoningInvalidFinding { translation, contradicting_rules, logic_warning }
    GuardrailAutomatedReasoningNoTranslationsFinding {}
    GuardrailAutomatedReasoningSatisfiableFinding {
        translation, claims_true_scenario, claims_false_scenario, logic_warning,
    }
    GuardrailAutomatedReasoningTooComplexFinding {}
    GuardrailAutomatedReasoningTranslationAmbiguousFinding { options, difference_scenarios }
    GuardrailAutomatedReasoningValidFinding { translation, claims_true_scenario, supporting_rules, logic_warning }
    GuardrailAutomatedReasoningTranslation {
        premises, claims, untranslated_premises, untranslated_claims, confidence,
    }
    GuardrailAutomatedReasoningTranslationOption { translations }
    GuardrailAutomatedReasoningRule { identifier, policy_version_arn }
    GuardrailAutomatedReasoningLogicWarning { r#type, premises, claims }
    GuardrailAutomatedReasoningScenario { statements }
    GuardrailAutomatedReasoningStatement { logic, natural_language }
    GuardrailAutomatedReasoningInputTextReference { text }
    GuardrailInvocationMetrics { guardrail_processing_latency, usage, guardrail_coverage }
    GuardrailUsage {
        topic_policy_units, content_policy_units, word_policy_units, sensitive_information_policy_units,
        sensitive_information_policy_free_units, contextual_grounding_policy_units, content_policy_image_units,
        automated_reasoning_policy_units, automated_reasoning_policies,
    }
    GuardrailCoverage { text_characters, images }
    GuardrailTextCharactersCoverage { guarded, total }
    GuardrailImageCoverage { guarded, total }
    AppliedGuardrailDetails { guardrail_id, guardrail_version, guardrail_arn, guardrail_origin, guardrail_ownership }
}

words! {
    GuardrailOrigin, GuardrailOwnership, GuardrailTopicType, GuardrailTopicPolicyAction, GuardrailContentFilterType,
    GuardrailContentFilterConfidence, GuardrailContentFilterStrength, GuardrailContentPolicyAction,
    GuardrailWordPolicyAction, GuardrailManagedWordType, GuardrailPiiEntityType,
    GuardrailSensitiveInformationPolicyAction, GuardrailContextualGroundingFilterType,
    GuardrailContextualGroundingPolicyAction, GuardrailAutomatedReasoningLogicWarningType,
}
