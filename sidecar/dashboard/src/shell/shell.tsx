import { Suspense, useEffect, useRef } from "react";
import { Link, Outlet, useLocation } from "react-router";
import { PageLoader } from "../parts/page-loader.tsx";
import { SearchBox } from "../search/search-box.tsx";
import icon from "../theme/icon.svg";
import { AccountMenu } from "./account-menu.tsx";
import { AwayBanner } from "./away-banner.tsx";
import { ColorSchemeButton } from "./color-scheme-button.tsx";
import { ErrorBoundary } from "./error-boundary.tsx";
import { NavDrawer } from "./nav-drawer.tsx";
import { NavLinks } from "./nav-links.tsx";
import classes from "./shell.module.css";

/** Header, navigation and the page that the address names. */
export function Shell() {
  const main = useRef<HTMLElement>(null);
  const page = pageOf(useLocation().pathname);
  const isFirst = useRef(true);

  // Screen readers announce the new page, and the next Tab key goes into it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the change of the address matters
  useEffect(() => {
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [page]);

  return (
    <>
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      <div className={classes.frame}>
        <header className={classes.header}>
          <NavDrawer />
          <Link to="/sessions" className={classes.brand} aria-label="Sessions, home page">
            <img src={icon} width={26} height={26} alt="" />
            <span className={classes.brandName}>Sessions</span>
          </Link>
          <SearchBox />
          <ColorSchemeButton />
          <AccountMenu />
        </header>
        <nav className={classes.nav} aria-label="Pages">
          <NavLinks />
        </nav>
        <main className={classes.main} id="main" ref={main} tabIndex={-1}>
          <AwayBanner />
          <ErrorBoundary key={page}>
            <Suspense fallback={<PageLoader />}>
              <Outlet />
            </Suspense>
          </ErrorBoundary>
        </main>
      </div>
    </>
  );
}

/** Each tab has its own address, but moving through tabs with the arrow keys must keep the focus on them. */
function pageOf(pathname: string): string {
  return /^\/(policies|settings)(?=\/|$)/.exec(pathname)?.[0] ?? pathname;
}
