use super::Failure;
use super::args::DemoArgs;
pub(super) async fn demo(_args: DemoArgs) -> Result<(), Failure> {
    Err(Failure::Usage("todo".into()))
}
