//! KPIs of the way to a deal: conversion, closing, time, and what support has to do with it.

pub mod closing;
pub mod conversion;
pub mod distribution;
pub mod lead_time;
pub mod views_by_deal_size;
