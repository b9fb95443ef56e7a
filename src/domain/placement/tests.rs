//! Which cache gets which tenant.

use ringfence_acl::EngineKind;

use super::*;
use crate::domain::CacheName;

fn name(text: &str) -> CacheName {
    CacheName::parse(text).unwrap()
}

fn candidate(cache: &str, quota: u32, foreign: Option<u32>) -> Candidate {
    Candidate {
        cache: name(cache),
        limits: GroupLimits { configured: quota, learned: None, foreign },
        obstacle: None,
        reserved_name: None,
    }
}

/// Places so many users one after another, and answers how many each cache has got.
fn fill(of: &[Candidate], strategy: PlacementStrategy, n_users: usize) -> Vec<u64> {
    let wish = CacheWish::Any { of: of.to_vec(), strategy };
    let mut ours = vec![0; of.len()];
    for _ in 0..n_users {
        let index = |cache: &CacheName| of.iter().position(|c| c.cache == *cache).unwrap();
        let chosen = index(&wish.choose(1, |cache| ours[index(cache)]).unwrap().cache);
        ours[chosen] += 1;
    }
    ours
}

#[test]
fn least_filled_spreads_tenants_and_bin_packed_fills_one_after_another() {
    let three = ["a", "b", "c"].map(|cache| candidate(cache, 100, Some(0)));
    assert_eq!(fill(&three, PlacementStrategy::LeastFilled, 99), [33, 33, 33]);
    assert_eq!(fill(&three, PlacementStrategy::BinPacked, 120), [100, 20, 0]);
}

#[test]
fn members_of_others_and_different_quotas_are_reckoned_with() {
    let unequal = [candidate("a", 100, Some(20)), candidate("b", 200, Some(0))];
    assert_eq!(fill(&unequal, PlacementStrategy::LeastFilled, 130), [30, 100]);
    assert_eq!(fill(&unequal, PlacementStrategy::BinPacked, 130), [80, 50]);
}

#[test]
fn a_cache_that_was_never_looked_at_is_taken_when_no_other_has_room() {
    let caches = [candidate("a", 100, None), candidate("b", 2, Some(0))];
    for strategy in [PlacementStrategy::LeastFilled, PlacementStrategy::BinPacked] {
        assert_eq!(fill(&caches, strategy, 5), [3, 2], "{strategy}");
    }
}

#[test]
fn all_users_of_a_tenant_have_to_fit_into_one_cache() {
    let of = vec![candidate("a", 3, Some(0)), candidate("b", 4, Some(0))];
    let wish = CacheWish::Any { of, strategy: PlacementStrategy::BinPacked };
    assert_eq!(wish.choose(4, |_| 0).unwrap().cache, name("b"));
    let refused = wish.choose(5, |_| 0).unwrap_err();
    let needed: Vec<_> = refused
        .considered()
        .iter()
        .map(|considered| match &considered.why_not {
            WhyNot::Full { places, needed } => (places.free(), *needed),
            WhyNot::Obstacle(_) => panic!("{considered:?}"),
        })
        .collect();
    assert_eq!(needed, [(3, 5), (4, 5)]);
}

#[test]
fn a_cache_that_does_not_take_the_tenant_is_passed_over_and_said_why() {
    let draining = Candidate { obstacle: Some(Obstacle::Draining), ..candidate("a", 9, Some(0)) };
    let of = vec![draining.clone(), candidate("b", 1, Some(0))];
    let wish = CacheWish::Any { of, strategy: PlacementStrategy::LeastFilled };
    assert_eq!(wish.choose(1, |_| 0).unwrap().cache, name("b"));
    let refused = wish.choose(1, |_| 1).unwrap_err();
    assert_eq!(refused.considered()[0].why_not, WhyNot::Obstacle(Obstacle::Draining));
    assert!(matches!(refused.considered()[1].why_not, WhyNot::Full { .. }));
    assert!(refused.may_pass());
    let named = CacheWish::This(draining).choose(1, |_| 0).unwrap_err();
    assert!(!named.may_pass(), "nobody but an operator ends the draining");
}

#[test]
fn a_tenant_is_the_one_asked_for_wherever_it_was_put_unless_the_engine_differs() {
    let other = Obstacle::OtherEngine { runs: EngineKind::Valkey };
    let of = vec![
        Candidate { obstacle: Some(other.clone()), ..candidate("a", 9, Some(0)) },
        Candidate { obstacle: Some(Obstacle::Draining), ..candidate("b", 9, Some(9)) },
    ];
    let open = CacheWish::Any { of: of.clone(), strategy: PlacementStrategy::LeastFilled };
    assert!(!open.agrees_with(&name("a")));
    assert!(open.agrees_with(&name("b")), "it was put there before");
    assert!(open.agrees_with(&name("gone")), "not configured any more");
    let [a, b] = of.try_into().unwrap();
    assert!(!CacheWish::This(a).agrees_with(&name("a")));
    assert!(CacheWish::This(b.clone()).agrees_with(&name("b")));
    assert!(!CacheWish::This(b).agrees_with(&name("a")));
}
