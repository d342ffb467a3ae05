//! Puts the built dashboard, where there is one, into the binary: a list of its files with their bytes.

use std::fmt::Write;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    // Asked now, not when this was compiled: a target folder may serve several checkouts.
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the folder"));
    let built = root.join("..").join("dashboard").join("dist");
    println!("cargo::rerun-if-changed={}", built.display());
    let site = built.join("site");
    let mut paths = Vec::new();
    if site.join("index.html").is_file() {
        walk(&site, &mut paths)?;
        paths.sort();
    }
    // Copies, so that a build of the dashboard under way does not pull the files away from the compiler.
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo names the folder"));
    let copies = out.join("site");
    if copies.exists() {
        std::fs::remove_dir_all(&copies)?;
    }
    let mut list = String::from("&[\n");
    for path in &paths {
        let name = path.strip_prefix(&site).expect("the walk stays inside");
        let copy = copies.join(name);
        std::fs::create_dir_all(copy.parent().expect("it lies in a folder"))?;
        std::fs::copy(path, &copy)?;
    }
    for path in paths.iter().filter(|path| path.extension().is_none_or(|ending| ending != "gz")) {
        let name = path.strip_prefix(&site).expect("the walk stays inside").to_string_lossy();
        let plain = copies.join(name.as_ref());
        let packed = copies.join(format!("{name}.gz"));
        let gzip = if packed.is_file() { format!("Some(include_bytes!({packed:?}))") } else { "None".into() };
        let name = name.replace('\\', "/");
        writeln!(list, "    File {{ path: {name:?}, plain: include_bytes!({plain:?}), gzip: {gzip} }},")
            .expect("writing to a string cannot fail");
    }
    list.push_str("]\n");
    std::fs::write(out.join("dashboard.rs"), list)
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}
