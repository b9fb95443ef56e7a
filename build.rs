//! Builds anew when a migration is added: the migrations are embedded by a macro, and Cargo does
//! not see what a macro reads.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
