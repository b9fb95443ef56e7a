//! Where the server hands requests over.

use std::{convert::Infallible, net::SocketAddr};

use axum::{
    BoxError, Router,
    body::{Bytes, HttpBody},
    extract::{ConnectInfo, Request},
    response::Response,
};
use tower::Service as _;

/// Has a request answered that came from this address.
pub(crate) async fn answer<B>(
    mut router: Router,
    mut request: Request<B>,
    peer: SocketAddr,
) -> Result<Response, Infallible>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    request.extensions_mut().insert(ConnectInfo(peer));
    router.call(request).await
}
