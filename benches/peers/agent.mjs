// As much of fetch as the client uses, over node:http: Node's own fetch is half of all that the script does.
import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true });

globalThis.fetch = (url, { method, headers, body, signal }) =>
  new Promise((resolve, reject) => {
    const options = { method, agent, signal, headers: { ...headers, 'Content-Length': Buffer.byteLength(body) } };
    const asked = request(url, options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part) => (text += part));
      answer.on('end', () => resolve({ status: answer.statusCode, text: async () => text }));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
