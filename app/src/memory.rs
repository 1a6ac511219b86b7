//! The allocator of the program.

/// Not the system's allocator, because that one keeps the memory of an import until the process ends.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
