// SPDX-License-Identifier: MIT
// rust.rs: a program as a Rust compiler makes it; rust.s is what came out (rustc 1.95,
// --target bpfel-unknown-none --emit=asm -C opt-level=2 -C debuginfo=2), since few have one.
#![feature(no_core, lang_items, intrinsics, rustc_attrs, auto_traits)]
#![allow(internal_features)]
#![no_core]
#![no_main]

#[lang = "pointee_sized"]
pub trait PointeeSized {}
#[lang = "meta_sized"]
pub trait MetaSized: PointeeSized {}
#[lang = "sized"]
pub trait Sized: MetaSized {}
#[lang = "copy"]
pub trait Copy {}
#[lang = "freeze"]
unsafe auto trait Freeze {}
#[lang = "sync"]
unsafe trait Sync {}
unsafe impl Sync for [u8; 4] {}
unsafe impl Sync for u8 {}
#[lang = "legacy_receiver"]
pub trait LegacyReceiver {}
impl<T: PointeeSized> LegacyReceiver for &T {}
#[lang = "drop_in_place"]
unsafe fn drop_in_place<T: PointeeSized>(_: *mut T) {}
impl Copy for usize {}
impl Copy for u32 {}
impl Copy for u8 {}
impl<T> Copy for *const T {}

#[lang = "add"]
pub trait Add<R = Self> { type Output; fn add(self, r: R) -> Self::Output; }
impl Add for usize { type Output = usize; #[inline(always)] fn add(self, r: usize) -> usize { self + r } }
#[lang = "partial_ord"]
pub trait PartialOrd<R = Self> { fn gt(&self, r: &R) -> bool; }
impl PartialOrd for usize { #[inline(always)] fn gt(&self, r: &usize) -> bool { *self > *r } }
#[lang = "eq"]
pub trait PartialEq<R = Self> { fn eq(&self, r: &R) -> bool; }
impl PartialEq for u8 { #[inline(always)] fn eq(&self, r: &u8) -> bool { *self == *r } }

#[repr(C)]
pub struct XdpMd {
    data: u32,
    data_end: u32,
    data_meta: u32,
    ingress_ifindex: u32,
}

#[link_section = "license"]
#[no_mangle]
pub static LICENSE: [u8; 4] = [71, 80, 76, 0];

#[inline(always)]
fn byte_at(ctx: &XdpMd, offset: usize) -> u8 {
    unsafe { *((ctx.data as usize + offset) as *const u8) }
}

#[no_mangle]
#[link_section = "xdp"]
pub extern "C" fn drop_icmp(ctx: &XdpMd) -> i32 {
    let data = ctx.data as usize;
    let end = ctx.data_end as usize;
    if data + 14 > end {
        return 2;
    }
    let protocol = byte_at(ctx, 23);
    if protocol == 1 { 1 } else { 2 }
}
