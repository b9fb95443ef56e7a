//! The way of one call, the same for both services.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;

use super::answer::Answer;
use super::request::{Payload, Request};
use crate::calls::{Arrival, Outcome, Pending, Service};
use crate::faults::{self, Strike, When};
use crate::simulation::Simulation;

/// Log, wait, throttle, fail if told to, do it, fail if told to, log.
pub(crate) async fn dispatch(simulation: Arc<Simulation>, request: Request) -> Response {
    let (service, operation) = (request.service(), request.operation.clone());
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
        let answer = perform(&simulation, request).await;
        return finish(call, answer);
    };
    call.struck(strike.when);
    match strike.when {
        When::Before => fail(call, service, strike),
        When::After => {
            perform(&simulation, request).await;
            fail(call, service, strike)
        }
        When::Hang { seconds } => {
            let answer = perform(&simulation, request).await;
            hang(&simulation, seconds).await;
            finish(call, answer)
        }
    }
}

/// In a task of its own: a client that goes away must not leave a change half made.
async fn perform(simulation: &Arc<Simulation>, request: Request) -> Answer {
    let service = request.service();
    let shared = Arc::clone(simulation);
    let performed = simulation.tasks.spawn(async move { handle(&shared, &request).await }).await;
    performed.unwrap_or_else(|error| {
        tracing::error!(%error, "a call failed inside the simulator");
        Answer::refusal(service, "InternalFailure", "The simulator has failed", 500)
    })
}

async fn handle(simulation: &Simulation, request: &Request) -> Answer {
    let Request { operation, place, payload } = request;
    match payload {
        Payload::Query(parameters) => {
            match simulation.elasticache(operation, parameters, place).await {
                Ok(result) => Answer::elements(operation, &result),
                Err(refusal) => Answer::refusal(
                    Service::ElastiCache,
                    refusal.code,
                    &refusal.message,
                    refusal.status,
                ),
            }
        }
        Payload::Json(body) => match simulation.secretsmanager(operation, body, place).await {
            Ok(result) => Answer::json(&result),
            Err(error) => {
                Answer::refusal(Service::SecretsManager, error.code, &error.message, error.status)
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

fn throttled(service: Service) -> Answer {
    let code = match service {
        Service::ElastiCache => "Throttling",
        Service::SecretsManager => "ThrottlingException",
    };
    Answer::refusal(service, code, "Rate exceeded", 400)
}

fn fail(call: Pending<'_>, service: Service, strike: Strike) -> Response {
    match strike.answer {
        faults::Answer::Error { code, status } => {
            let answer = Answer::refusal(service, &code, "This call was told to fail", status);
            finish(call, answer)
        }
        faults::Answer::Dropped => {
            call.ended(Outcome::Dropped);
            Answer::dropped()
        }
    }
}

fn finish(call: Pending<'_>, answer: Answer) -> Response {
    call.ended(answer.outcome());
    answer.into_response()
}
