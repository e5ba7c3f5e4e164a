//! A local Bedrock Runtime endpoint.
