//! Files that change while the service runs.

use super::*;

fn reloads(metrics: &Metrics, outcome: &str) -> u64 {
    metrics.count_of("ringfence_tls_reloads_total", &[("outcome", outcome)])
}

#[tokio::test]
async fn a_replaced_certificate_is_served_to_new_connections_and_open_ones_go_on() {
    let house = House::new().await;
    let open = house.caller(None);
    assert_eq!(house.shown_to(&open).await, house.first.der);
    let second = house.authority.sign();
    house.secret.put(&second);
    house.until_shown(&second).await;
    assert_eq!(house.shown_to(&open).await, house.first.der);
    let metrics = house.metrics(&open).await;
    assert_eq!((reloads(&metrics, "served"), reloads(&metrics, "refused")), (1, 0));
    let ends = metrics.total("ringfence_tls_certificate_expiry_timestamp_seconds", &[]);
    assert!(ends > 2e9, "{ends}");
}

#[tokio::test]
async fn a_replacement_that_cannot_be_served_is_told_and_the_old_one_stays() {
    let house = House::new().await;
    let caller = house.caller(None);
    let (other, whole) = (house.authority.sign(), house.authority.sign());
    let broken: [&[(&str, &str)]; 3] = [
        &[("tls.crt", "-----BEGIN CERTIFICATE-----"), ("tls.key", &other.key)],
        &[("tls.crt", &other.certificate), ("tls.key", &whole.key)],
        &[],
    ];
    for (n_before, files) in (0..).zip(broken) {
        house.secret.put_files(files);
        while reloads(&house.metrics(&caller).await, "refused") == n_before {}
        assert_eq!(house.shown_to(&house.caller(None)).await, house.first.der);
    }
    house.secret.put(&whole);
    house.until_shown(&whole).await;
    let metrics = house.metrics(&caller).await;
    assert_eq!((reloads(&metrics, "served"), reloads(&metrics, "refused")), (1, 3));
}
