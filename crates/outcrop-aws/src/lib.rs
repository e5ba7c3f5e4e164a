//! The AWS SDK for Bedrock over InvokeModel.
