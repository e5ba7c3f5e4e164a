#![doc = include_str!("../README.md")]

mod ask;
mod auth;
mod backend;
mod config;
mod connection;
mod failure;
mod fault;
mod files;
mod frames;
mod json;
mod models;
mod reply;
mod server;
mod service;
mod telemetry;
mod validate;

pub use config::{Backend, Config, Limits, Rules, Speak, Text, Unknown, Upstream};
pub use server::{Server, StartError, Stop, serve};
