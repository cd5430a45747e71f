//! Behaviour of the gateway, through HTTP or the command line.
