//! Where the program's memory comes from.

/// The system's allocator keeps what an import took until the process ends.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
