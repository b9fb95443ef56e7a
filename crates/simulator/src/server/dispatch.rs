//! The way of one call, the same for both services.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use tokio::task::JoinError;

use super::reply::Reply;
use super::request::{Payload, Request};
use crate::calls::{Arrival, Outcome, Pending, Service};
use crate::faults::{self, Strike, When};
use crate::simulation::Simulation;

/// Log, wait, throttle, fail if told to, do it, fail if told to, log.
pub(crate) async fn dispatch(simulation: Arc<Simulation>, request: Request) -> Response {
    let (service, operation) = (request.service, request.operation.clone());
    let call = simulation.calls.arrived(Arrival {
        at: simulation.clock.now(),
        service,
        operation: &operation,
        parameters: request.redacted(),
    });
    let settings = simulation.settings();
    tokio::time::sleep(simulation.draw(settings.latencies.of_call(&operation))).await;

    if !simulation.throttle.admits(&operation, &settings.throttling, simulation.clock.now()) {
        return finish(call, throttled(service));
    }
    let strike = simulation.faults.strike(service, &operation, &mut simulation.jitter());
    let Some(strike) = strike else {
        let reply = perform(&simulation, request).await;
        return finish(call, reply);
    };
    call.struck(strike.when);
    match strike.when {
        When::Before => fail(call, service, strike),
        When::After => {
            perform(&simulation, request).await;
            fail(call, service, strike)
        }
        When::Delay => {
            let reply = perform_when_released(&simulation, request).await;
            finish(call, reply)
        }
        When::Hang { seconds } => {
            let reply = perform(&simulation, request).await;
            hang(&simulation, seconds).await;
            finish(call, reply)
        }
    }
}

/// In a task of its own: a client that goes away must not leave a change half made.
async fn perform(simulation: &Arc<Simulation>, request: Request) -> Reply {
    let (service, shared) = (request.service, Arc::clone(simulation));
    let work = simulation.tasks.spawn(async move { handle(&shared, &request).await });
    work.await.unwrap_or_else(|error| broken(service, &error))
}

/// The same, once delayed calls are released.
async fn perform_when_released(simulation: &Arc<Simulation>, request: Request) -> Reply {
    let (service, shared) = (request.service, Arc::clone(simulation));
    let work = simulation.tasks.spawn(async move {
        tokio::select! {
            () = shared.faults.released() => handle(&shared, &request).await,
            () = shared.stop.cancelled() => {
                Reply::refusal(service, "ServiceUnavailable", "The simulator stops", 503)
            }
        }
    });
    work.await.unwrap_or_else(|error| broken(service, &error))
}

fn broken(service: Service, error: &JoinError) -> Reply {
    tracing::error!(%error, "a call failed inside the simulator");
    Reply::refusal(service, "InternalFailure", "The simulator has failed", 500)
}

async fn handle(simulation: &Simulation, request: &Request) -> Reply {
    let Request { service, operation, place, payload } = request;
    match payload {
        Payload::Query(parameters) => {
            let result = match service {
                Service::Sts => simulation.sts(operation, parameters, place),
                Service::ElastiCache | Service::SecretsManager => {
                    simulation.elasticache(operation, parameters, place).await
                }
            };
            match result {
                Ok(result) => Reply::elements(*service, operation, &result),
                Err(refusal) => {
                    Reply::refusal(*service, refusal.code, &refusal.message, refusal.status)
                }
            }
        }
        Payload::Json(body) => match simulation.secretsmanager(operation, body, place).await {
            Ok(result) => Reply::json(&result),
            Err(error) => {
                Reply::refusal(Service::SecretsManager, error.code, &error.message, error.status)
            }
        },
    }
}

async fn hang(simulation: &Simulation, seconds: Option<u32>) {
    let held_back = async {
        match seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds.into())).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = held_back => {}
        () = simulation.stop.cancelled() => {}
    }
}

fn throttled(service: Service) -> Reply {
    let code = match service {
        Service::ElastiCache | Service::Sts => "Throttling",
        Service::SecretsManager => "ThrottlingException",
    };
    Reply::refusal(service, code, "Rate exceeded", 400)
}

fn fail(call: Pending<'_>, service: Service, strike: Strike) -> Response {
    match strike.answer {
        faults::Answer::Error { code, status } => {
            let reply = Reply::refusal(service, &code, "This call was told to fail", status);
            finish(call, reply)
        }
        faults::Answer::Dropped => {
            call.ended(Outcome::Dropped);
            Reply::dropped()
        }
    }
}

fn finish(call: Pending<'_>, reply: Reply) -> Response {
    call.ended(reply.outcome());
    reply.into_response()
}
