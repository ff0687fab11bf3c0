/** What to do where there is nothing yet. */
export function FirstJob() {
  return (
    <section class="empty" aria-label="No job yet">
      <h2>No job yet</h2>
      <p>
        Submit one to the endpoints of your service, for instance, with its address in place of{' '}
        <code>your-service.example</code>:
      </p>
      <pre>
        <code>{`curl https://your-service.example/v1/images/upload \\
  -H 'Content-Type: application/json' \\
  -d '{"urls": ["https://pictures.example/cat.jpg"]}'`}</code>
      </pre>
    </section>
  );
}

export function FirstWorker() {
  return (
    <section class="empty" aria-label="No worker">
      <h2>No worker</h2>
      <p>
        Jobs are kept and wait until a worker takes them. Start one on this store: call{' '}
        <code>uploader.start()</code> in your application. In the repository of imgferry, its example service
        with the role <code>worker</code> is one:
      </p>
      <pre>
        <code>npm start -- worker</code>
      </pre>
      <p>It shows up here with its first beat.</p>
    </section>
  );
}
