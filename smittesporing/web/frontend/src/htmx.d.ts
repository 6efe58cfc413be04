/* The few of htmx's own names that islands use. */
declare module "htmx.org" {
  const htmx: {
    ajax(verb: string, url: string, context: { target: Element; swap?: string }): Promise<void>;
    process(element: Element): void;
  };
  export default htmx;
}
