//! Who meets whom.

use std::collections::{BTreeMap, HashMap};

use ringfence_acl::Glob;

use super::{
    Owner, Resident,
    reach::{Pattern, Reach},
};

/// Something that two users both reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// Where.
    pub place: Place,
    /// The users, by their index, the smaller one first.
    pub users: [usize; 2],
    /// A key or channel that both reach.
    pub witness: Vec<u8>,
    /// The rules that let them, in the same order.
    pub rules: [String; 2],
}

/// Where users meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// At a key.
    Key,
    /// At a channel.
    Channel,
}

/// A pattern and whose it is.
struct Entry<'a> {
    user: usize,
    glob: &'a Glob,
    rule: &'a str,
}

impl<'a> Entry<'a> {
    fn new(user: usize, pattern: &'a Pattern) -> Self {
        Self { user, glob: &pattern.glob, rule: &pattern.rule }
    }
}

/// Collects who meets whom.
pub(super) struct Meetings {
    /// For each user the index of the first one of the same owner.
    parties: Vec<usize>,
    found: BTreeMap<(Place, [usize; 2]), Meeting>,
    limit: usize,
    is_complete: bool,
}

impl Meetings {
    pub(super) fn new(residents: &[Resident], limit: usize) -> Self {
        let mut first_of_tenant = HashMap::new();
        let party = |(index, resident): (usize, &Resident)| match &resident.owner {
            Owner::Tenant(name) => *first_of_tenant.entry(name.clone()).or_insert(index),
            Owner::BreakGlass(_) | Owner::Foreign => index,
        };
        let parties = residents.iter().enumerate().map(party).collect();
        Self { parties, found: BTreeMap::new(), limit, is_complete: true }
    }

    /// The meetings, and whether these are all.
    pub(super) fn end(self) -> (Vec<Meeting>, bool) {
        (self.found.into_values().collect(), self.is_complete)
    }

    /// Compares the patterns of all users at one place.
    pub(super) fn look_at(&mut self, place: Place, reaches: &[Reach]) {
        let patterns = || reaches.iter().map(|reach| reach.at(place)).enumerate();
        let all_seeing: Vec<Entry> = patterns()
            .filter_map(|(user, patterns)| Some(Entry::new(user, patterns.everything.as_ref()?)))
            .collect();
        let mut entries: Vec<Entry> = patterns()
            .flat_map(|(user, patterns)| patterns.some.iter().map(move |p| Entry::new(user, p)))
            .collect();
        for one in &all_seeing {
            let mut others = entries.iter().chain(&all_seeing);
            // The first is enough: that it meets the rest follows.
            others.any(|other| self.meet(place, one, other));
        }
        entries.sort_by_cached_key(|entry| (entry.glob.literal_prefix(), entry.user));
        self.compare(place, &entries);
    }

    /// Compares sorted patterns with those behind them that begin alike.
    fn compare(&mut self, place: Place, entries: &[Entry<'_>]) {
        let prefixes: Vec<Vec<u8>> =
            entries.iter().map(|entry| entry.glob.literal_prefix()).collect();
        for (index, one) in entries.iter().enumerate() {
            let prefix = &prefixes[index];
            let behind = entries.iter().zip(&prefixes).skip(index + 1);
            for (other, _) in behind.take_while(|(_, longer)| longer.starts_with(prefix)) {
                if self.found.len() >= self.limit {
                    self.is_complete = false;
                    return;
                }
                self.meet(place, one, other);
            }
        }
    }

    /// Whether two patterns of different parties meet. Each two users are told of once.
    fn meet(&mut self, place: Place, one: &Entry<'_>, other: &Entry<'_>) -> bool {
        if self.parties[one.user] == self.parties[other.user] {
            return false;
        }
        let (first, second) = if one.user < other.user { (one, other) } else { (other, one) };
        let users = [first.user, second.user];
        if self.found.contains_key(&(place, users)) {
            return true;
        }
        let Some(witness) = first.glob.intersection(second.glob) else { return false };
        let rules = [first.rule.to_owned(), second.rule.to_owned()];
        self.found.insert((place, users), Meeting { place, users, witness, rules });
        true
    }
}
